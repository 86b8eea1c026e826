/**
 * A NUL in a path or a query is refused before anything reads it: Postgres takes none in a text, and no id, name or key has one.
 */
import { LongrunError } from '@longrun/contracts';
import type { FastifyInstance } from 'fastify';

/** For all routes that are not served by an earlier hook. */
export function refuseNulInUrl(fastify: FastifyInstance): void {
  const plugin = (instance: FastifyInstance, _options: unknown, done: () => void): void => {
    instance.addHook('onRequest', (request, _reply, next) => {
      next(request.url.includes('%00') ? nulInUrl() : undefined);
    });
    done();
  };
  void fastify.register(Object.assign(plugin, { [Symbol.for('skip-override')]: true }));
}

function nulInUrl(): LongrunError {
  return new LongrunError('VALIDATION_FAILED', 'url: holds a NUL character (%00). Remove it.', {
    details: { field: 'url' },
  });
}
