/**
 * A NUL in a path or a query is refused before anything reads it: Postgres takes none in a text, and no id, name or key has one.
 */
import { LongrunError } from '@longrun/contracts';
import type { FastifyInstance } from 'fastify';

/** For all routes that are not served by an earlier hook. */
export function refuseNulInUrl(fastify: FastifyInstance): void {
  const plugin = (instance: FastifyInstance, _options: unknown, done: () => void): void => {
    instance.addHook('onRequest', (request, _reply, next) => {
      next(request.url.includes('%00') ? nulInUrl(request.url) : undefined);
    });
    done();
  };
  void fastify.register(Object.assign(plugin, { [Symbol.for('skip-override')]: true }));
}

/** Names the parameter of the query that has it, or the path. */
function nulInUrl(url: string): LongrunError {
  const [, query] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  const field = [...parameters].find(([, value]) => value.includes('\0'))?.[0] ?? 'url';
  return new LongrunError('VALIDATION_FAILED', `${field}: holds a NUL character (%00). Remove it.`, {
    details: { field },
  });
}
