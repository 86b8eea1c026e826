/**
 * Timeouts for very many operations that all have the same limit: they expire in the order in which they began, so
 * one timer for the oldest is enough.
 */

/** An operation that is waiting for its answer. */
export interface PendingOperation {
  settled: boolean;
  /** When its time is up, milliseconds of the monotonic clock; set by {@link Deadlines.add}. */
  expiresAt: number;
  /** Called once when the limit has passed and the operation has not settled. */
  expire(): void;
}

export class Deadlines {
  private entries: PendingOperation[] = [];
  private head = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly limitMs: number) {}

  /**
   * Starts the clock of an operation.
   *
   * @param startedAt for a caller that knows the time already
   */
  add(operation: PendingOperation, startedAt: number = performance.now()): void {
    operation.expiresAt = startedAt + this.limitMs;
    this.entries.push(operation);
    this.dropSettled();
    this.timer ??= setTimeout(this.expireDue, this.limitMs);
  }

  /** Operations that have not been dropped yet; for tests and metrics. */
  get size(): number {
    return this.entries.length - this.head;
  }

  /** Expires everything now and leaves no timer. */
  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const left = this.entries.slice(this.head);
    this.entries = [];
    this.head = 0;
    for (const operation of left) if (!operation.settled) operation.expire();
  }

  private readonly expireDue = (): void => {
    this.timer = undefined;
    const now = performance.now();
    for (let next = this.entries[this.head]; next !== undefined; next = this.entries[this.head]) {
      if (!next.settled) {
        if (next.expiresAt > now) {
          this.timer = setTimeout(this.expireDue, Math.ceil(next.expiresAt - now));
          break;
        }
        next.expire();
      }
      this.head += 1;
    }
    this.compact();
  };

  private dropSettled(): void {
    while (this.entries[this.head]?.settled === true) this.head += 1;
    this.compact();
  }

  private compact(): void {
    if (this.head > 1_024 && this.head * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
  }
}
