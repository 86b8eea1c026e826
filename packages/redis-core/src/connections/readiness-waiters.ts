/**
 * Callers that wait until commands can be sent: released all at once, each bounded in time.
 */
import { RedisError } from '../redis-error.js';

interface Waiter {
  resolve(): void;
  reject(error: RedisError): void;
}

/** What is waited for, for messages: where it is, and why it is not there. */
export interface Awaited {
  readonly target: string;
  readonly failure: string;
}

export class ReadinessWaiters {
  private readonly waiters = new Set<Waiter>();
  private isClosed = false;

  constructor(private readonly awaited: Awaited) {}

  /**
   * Resolves at the next {@link release}.
   *
   * @param deadlineMs how long to wait, in milliseconds from now
   * @throws RedisError `not-executed` when there is none in time, the signal aborts or this is closed
   */
  async wait(deadlineMs: number, signal?: AbortSignal): Promise<void> {
    if (this.isClosed) throw this.unavailable('CLOSED', 'the kit is closed');
    if (signal?.aborted === true) throw this.unavailable('ABORTED', 'the caller gave up');
    await new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.waiters.delete(waiter);
      };
      const waiter: Waiter = {
        resolve: () => {
          settle();
          resolve();
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      const abort = (): void => {
        waiter.reject(this.unavailable('ABORTED', 'the caller gave up'));
      };
      const timer = setTimeout(() => {
        const waited = `no connection within ${String(deadlineMs)} ms (${this.awaited.failure})`;
        waiter.reject(this.unavailable('NOT_CONNECTED', waited));
      }, deadlineMs);
      signal?.addEventListener('abort', abort, { once: true });
      this.waiters.add(waiter);
    });
  }

  /** Commands can be sent. */
  release(): void {
    for (const waiter of [...this.waiters]) waiter.resolve();
  }

  /** Rejects whoever waits, now and from now on. */
  close(): void {
    this.isClosed = true;
    for (const waiter of [...this.waiters]) waiter.reject(this.unavailable('CLOSED', 'the kit is closed'));
  }

  private unavailable(code: string, why: string): RedisError {
    return new RedisError('not-executed', code, `Redis at ${this.awaited.target} is not available: ${why}.`);
  }
}
