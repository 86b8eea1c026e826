/**
 * The ids that every log line has which is said while a run is at work. They are set where the work begins, and the logger asks for them:
 * no line adds them by hand.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { isSpanContextValid, trace } from '@opentelemetry/api';

/** Of the run that the calling code is at. */
export interface LogIds {
  readonly runId?: string;
  readonly threadId?: string;
  readonly attempt?: number;
  /** Trace that the run belongs to, if that is known. */
  readonly traceId?: string | undefined;
}

const storage = new AsyncLocalStorage<LogIds>();

/**
 * Calls `action`; log lines of it, and of everything it begins, have these ids beside those they had anyway.
 *
 * The first call makes every promise of the process a little dearer (Node.js 20 then follows them), so the api of a stack, which executes
 * nothing, does without.
 */
export function withLogIds<T>(ids: LogIds, action: () => T): T {
  return storage.run({ ...storage.getStore(), ...ids }, action);
}

/** The ids for a line that is said now; a new object each time, as the logger writes to it. */
export function logIds(): Record<string, unknown> {
  const ids: Record<string, unknown> = { ...storage.getStore() };
  const span = trace.getActiveSpan()?.spanContext();
  if (span !== undefined && isSpanContextValid(span)) {
    ids['traceId'] = span.traceId;
    ids['spanId'] = span.spanId;
  }
  return ids;
}
