/**
 * What ends an attempt from outside its graph: the caller's signal, a refused write, an unhandled rejection. The first
 * one wins, aborts the graph, and reaches the caller without waiting for the graph.
 */
import { setMaxListeners } from 'node:events';

export class AttemptEnd {
  private readonly controller = new AbortController();
  private failure: { error: unknown } | undefined;
  private wake: (() => void) | undefined;
  private readonly onAbort = (): void => this.fail(this.outer.reason);

  constructor(private readonly outer: AbortSignal) {
    // Every task of a wide step listens: that is no leak.
    setMaxListeners(0, this.controller.signal);
    if (outer.aborted) this.onAbort();
    else outer.addEventListener('abort', this.onAbort, { once: true });
  }

  /** Aborts when the attempt ends; its reason is the cause of the end. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Ends the attempt by `error`; later causes are ignored. */
  fail(error: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = { error };
    this.controller.abort(error);
    this.wake?.();
  }

  /**
   * The result of `action`, or the cause of the end as soon as there is one. One call at a time.
   *
   * @throws the cause of the end, or what `action` throws
   */
  race<T>(action: () => Promise<T> | T): Promise<T> {
    // Not Promise.race: with a promise that lives as long as the attempt it would keep every result alive.
    return new Promise<T>((resolve, reject) => {
      this.wake = () => reject(this.failure?.error);
      if (this.failure !== undefined) this.wake();
      else Promise.resolve().then(action).then(resolve, reject);
    }).finally(() => (this.wake = undefined));
  }

  /** The cause of the end; `thrown` if nothing from outside ended the attempt. */
  reason(thrown: unknown): unknown {
    return this.failure === undefined ? thrown : this.failure.error;
  }

  /** @throws the cause of the end, if there is one */
  throwIfFailed(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }

  /** Stops listening and aborts what is still going on. */
  close(): void {
    this.outer.removeEventListener('abort', this.onAbort);
    this.fail(new Error('The attempt has ended.'));
  }
}
