/**
 * Where requests meet the limits of their callers: after authentication, before the body is read; and when they are answered.
 */
import type { FastifyInstance } from 'fastify';
import type { CallerLimits } from './caller-limits.service.js';

/** To be called after authentication is registered. */
export function useCallerLimits(fastify: FastifyInstance, limits: CallerLimits): void {
  const plugin = (instance: FastifyInstance, _options: unknown, done: () => void): void => {
    instance.addHook('onRequest', (request, reply) => limits.begin(request, reply));
    instance.addHook('onResponse', (request) => limits.end(request));
    done();
  };
  // For all routes, not only for those of this plugin.
  void fastify.register(Object.assign(plugin, { [Symbol.for('skip-override')]: true }));
}
