/**
 * OpenTelemetry spans of operations. Without an SDK in the process the API does nothing, so only the switch costs.
 */
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Span, Tracer } from '@opentelemetry/api';

import { RedisError } from '../redis-error.js';

/** Makes a span of an operation. Names and attributes are those of the semantic conventions for database clients. */
export class OperationTracer {
  private readonly tracer: Tracer = trace.getTracer('@longrun/redis-core');

  /** @param address host and port of the server, as shown to people: without credentials */
  constructor(private readonly address: string) {}

  /** Runs `work` in a span of the present context; keys and values are not recorded. */
  trace<T>(name: string, work: () => Promise<T>): Promise<T> {
    const attributes = {
      'db.system.name': 'redis',
      'db.operation.name': name,
      'server.address': this.address,
    };
    return this.tracer.startActiveSpan(name, { kind: SpanKind.CLIENT, attributes }, async (span) => {
      try {
        return await work();
      } catch (error) {
        recordFailure(span, error);
        throw error;
      } finally {
        span.end();
      }
    });
  }
}

function recordFailure(span: Span, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.setAttribute('error.type', error instanceof RedisError ? error.code : 'unexpected');
  if (error instanceof RedisError) span.setAttribute('longrun.redis.outcome', error.outcome);
}
