/**
 * What log lines say of the request that they are about. Taken from the request itself: an api follows no promises for its logs, which would
 * cost every request something.
 */
import { toTraceparent, traceIdOf } from '@longrun/telemetry';
import type { FastifyRequest } from 'fastify';

/** The request, and the run, thread and trace that it names. */
export function aboutRequest(request: FastifyRequest): Record<string, unknown> {
  const { run_id: runId, thread_id: threadId } = (request.params ?? {}) as Record<string, string | undefined>;
  const traceId = traceIdOf(toTraceparent(request.headers['traceparent']));
  return {
    method: request.method,
    url: request.url,
    requestId: request.id,
    ...(runId === undefined ? {} : { runId }),
    ...(threadId === undefined ? {} : { threadId }),
    ...(traceId === undefined ? {} : { traceId }),
  };
}
