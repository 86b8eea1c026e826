/**
 * A span per HTTP request, below that of the client if it sent a trace context; what is done for the request is part of it. Registered only when
 * traces are on.
 */
import { beginSpan, inside, noteFailure, type OpenSpan } from '@longrun/telemetry';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Asked every few seconds by machines, and of no use in a trace. */
const PROBES = new Set(['/ok', '/ready', '/health/live', '/health/ready', '/metrics']);

/** To be called before other hooks are registered: they are part of the request. */
export function useRequestSpans(fastify: FastifyInstance): void {
  const spans = new WeakMap<FastifyRequest, OpenSpan>();
  const plugin = (instance: FastifyInstance, _options: unknown, done: () => void): void => {
    instance.addHook('onRequest', (request, reply, next) => {
      // What becomes of a socket after its upgrade is no answer.
      if (PROBES.has(request.routeOptions.url ?? '') || request.headers.upgrade !== undefined) {
        next();
        return;
      }
      const open = begin(request);
      spans.set(request, open);
      // Also of a stream, and of a client that goes.
      reply.raw.once('close', () => {
        const { statusCode, writableFinished } = reply.raw;
        open.span.setAttribute('http.response.status_code', statusCode);
        if (statusCode >= 500) noteFailure({ error: String(statusCode), message: '' }, open.span);
        if (!writableFinished) open.span.setAttribute('longrun.client_left', true);
        open.span.end();
      });
      inside(open, next);
    });
    // The body was read in the context of its socket.
    instance.addHook('preValidation', (request, _reply, next) => {
      const open = spans.get(request);
      if (open) inside(open, next);
      else next();
    });
    done();
  };
  // For all routes, not only for those of this plugin.
  void fastify.register(Object.assign(plugin, { [Symbol.for('skip-override')]: true }));
}

/** Names by the semantic conventions of HTTP. */
function begin(request: FastifyRequest): OpenSpan {
  const { method, headers, routeOptions, params } = request;
  const route = request.is404 ? undefined : routeOptions.url;
  const { thread_id: threadId, run_id: runId } = (params ?? {}) as Record<string, string | undefined>;
  const agent = headers['user-agent'];
  const { traceparent } = headers;
  return beginSpan(route === undefined ? method : `${method} ${route}`, {
    kind: 'SERVER',
    parent: typeof traceparent === 'string' ? traceparent : null,
    attributes: {
      'http.request.method': method,
      'url.path': request.url.split('?')[0] ?? '',
      'url.scheme': request.protocol,
      ...(route === undefined ? {} : { 'http.route': route }),
      ...(agent === undefined ? {} : { 'user_agent.original': agent }),
      ...(threadId === undefined ? {} : { 'gen_ai.conversation.id': threadId }),
      ...(runId === undefined ? {} : { 'longrun.run.id': runId }),
    },
  });
}
