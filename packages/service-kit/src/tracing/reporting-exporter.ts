/**
 * Says once that traces do not arrive, and once that they do again: a collector that is away is nobody's error but its own.
 */
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../logs/create-logger.js';

type Done = Parameters<SpanExporter['export']>[1];

export class ReportingExporter implements SpanExporter {
  readonly #inner: SpanExporter;
  readonly #log: Logger;
  /** Spans that were lost since it was said; undefined while all arrive. */
  #lost: number | undefined;

  constructor(inner: SpanExporter, log: Logger) {
    this.#inner = inner;
    this.#log = log;
  }

  export(spans: ReadableSpan[], done: Done): void {
    this.#inner.export(spans, (result) => {
      if (result.error === undefined) this.#arrived();
      else this.#missed(spans.length, result.error);
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.#inner.forceFlush?.();
  }

  #arrived(): void {
    if (this.#lost === undefined) return;
    this.#log.info({ lostSpans: this.#lost }, 'traces arrive again');
    this.#lost = undefined;
  }

  #missed(spans: number, error: Error): void {
    if (this.#lost === undefined) {
      this.#log.warn(
        { reason: reasonOf(error) },
        'traces do not arrive: their spans are lost, nothing else is',
      );
    }
    this.#lost = (this.#lost ?? 0) + spans;
  }
}

/** Of a refused connection to a name with two addresses the message is empty. */
function reasonOf(error: Error): string {
  const { code } = error as { code?: string | number };
  return error.message || String(code ?? error.name);
}
