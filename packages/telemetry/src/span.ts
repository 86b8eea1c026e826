/**
 * Spans around work. Without an SDK in the process they are nothing: the API's own objects that do nothing.
 */
import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Exception,
  type Span,
} from '@opentelemetry/api';
import { contextOf } from './traceparent.js';

export type { Span } from '@opentelemetry/api';

const tracer = trace.getTracer('@longrun/telemetry');

export interface SpanOptions {
  /** Default: internal. */
  kind?: keyof typeof SpanKind;
  attributes?: Attributes;
  /** Trace that it belongs to, as text; null: a new one. Default: that of the active span. */
  parent?: string | null;
}

/** Does `work` in a span, which ends with it. What it throws is recorded and thrown on. */
export async function inSpan<T>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const open = beginSpan(name, options);
  return inside(open, async () => {
    try {
      return await work(open.span);
    } catch (error) {
      noteFailure(error, open.span);
      throw error;
    } finally {
      open.span.end();
    }
  });
}

function parentOf({ parent }: SpanOptions): Context {
  return parent === undefined ? context.active() : contextOf(parent);
}

/** A span that ends by a call, with the context that spans below it begin in. */
export interface OpenSpan {
  readonly span: Span;
  readonly within: Context;
}

/** Begins a span for work that is not one function. @param below instead of `options.parent`: that open span */
export function beginSpan(name: string, options: SpanOptions, below?: OpenSpan): OpenSpan {
  const { kind = 'INTERNAL', attributes = {} } = options;
  const within = below?.within ?? parentOf(options);
  const span = tracer.startSpan(name, { kind: SpanKind[kind], attributes }, within);
  return { span, within: trace.setSpan(within, span) };
}

/** Calls `action` with that span as the active one; it goes on after the call. */
export function inside<T>({ within }: OpenSpan, action: () => T): T {
  return context.with(within, action);
}

/** Whether spans below the active one would be recorded: then they are worth their cost. Without an SDK there is none. */
export function isTraced(): boolean {
  // Of the span of another process it is not `isRecording` that says so.
  const flags = trace.getActiveSpan()?.spanContext().traceFlags ?? TraceFlags.NONE;
  return (flags & TraceFlags.SAMPLED) !== 0;
}

/**
 * Records that a span has failed.
 *
 * @param error as it was thrown, or as clients see it: `{error: <name>, message}`
 * @param span default: the active one, if there is any
 */
export function noteFailure(error: unknown, span: Span | undefined = trace.getActiveSpan()): void {
  if (span?.isRecording() !== true) return;
  const exception = exceptionOf(error);
  span.recordException(exception);
  span.setAttribute('error.type', exception.name ?? 'Error');
  span.setStatus({
    code: SpanStatusCode.ERROR,
    ...(exception.message ? { message: exception.message } : {}),
  });
}

function exceptionOf(error: unknown): Exclude<Exception, string> & { name?: string; message?: string } {
  if (error instanceof Error) return error;
  if (typeof error === 'object' && error !== null && 'error' in error && 'message' in error) {
    return { name: String(error.error), message: String(error.message) };
  }
  return { name: 'Error', message: String(error) };
}
