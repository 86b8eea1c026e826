/**
 * `@longrun/telemetry`: what code says of the work that it is at, wherever it runs: ids for its log lines, spans, and the trace context that goes
 * with a run from process to process. Writes and sends nothing itself: `@longrun/service-kit` does.
 *
 * @example
 * withLogIds({ runId }, () => inSpan('run', { parent: run.traceparent }, () => execute(run)));
 */
export { logIds, withLogIds, type LogIds } from './log-ids.js';
export {
  beginSpan,
  inside,
  inSpan,
  isTraced,
  noteFailure,
  type OpenSpan,
  type Span,
  type SpanOptions,
} from './span.js';
export { currentTraceparent, inTraceOf, toTraceparent, traceIdOf } from './traceparent.js';
