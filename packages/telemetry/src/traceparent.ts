/**
 * The W3C trace context as text: how a trace goes from a client to the api, with a run to its workers, and on to the receiver of a webhook.
 * Works without an SDK: a trace is passed on even where nothing is recorded.
 */
import { context, isSpanContextValid, trace, type Context, type SpanContext } from '@opentelemetry/api';

/** Version, trace, parent, flags; what a later version may have behind them is not understood and left out. */
const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Never a version. Source: W3C Trace Context, 3.2.2.1. */
const NO_VERSION = 'ff';
const SAMPLED = 1;

/** Null for what is no trace context: text of any kind may come from a client. */
function parse(text: unknown): SpanContext | null {
  const match = typeof text === 'string' ? FORM.exec(text) : null;
  if (!match) return null;
  const [, version, traceId = '', spanId = '', flags = '', rest] = match;
  if (version === NO_VERSION || (version === '00' && rest !== undefined)) return null;
  const parsed = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & SAMPLED, isRemote: true };
  return isSpanContextValid(parsed) ? parsed : null;
}

function format({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-0${traceFlags & SAMPLED}`;
}

/** As it is passed on; null when `text` is no trace context. */
export function toTraceparent(text: unknown): string | null {
  const parsed = parse(text);
  return parsed && format(parsed);
}

/** Of the span that is active; null without one. */
export function currentTraceparent(): string | null {
  const span = trace.getActiveSpan()?.spanContext();
  return span !== undefined && isSpanContextValid(span) ? format(span) : null;
}

/** For log lines; undefined when `traceparent` is no trace context. */
export function traceIdOf(traceparent: string | null): string | undefined {
  return parse(traceparent)?.traceId;
}

/** A context in which new spans belong to that trace; to none when it is no trace context. */
export function contextOf(traceparent: string | null): Context {
  const parent = parse(traceparent);
  const active = context.active();
  return parent ? trace.setSpanContext(active, parent) : trace.deleteSpan(active);
}

/** Calls `action` as part of that trace, without a span of its own. */
export function inTraceOf<T>(traceparent: string | null, action: () => T): T {
  return context.with(contextOf(traceparent), action);
}
