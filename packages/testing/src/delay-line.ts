/**
 * Lets what goes in come out a fixed time later, in order and to within the turn of a loop: a timer of Node alone is
 * late by up to a millisecond, which is half of a fast network's round trip.
 */

interface Delayed {
  readonly due: number;
  readonly deliver: () => void;
}

/** One per proxy: what went in first comes out first, also while the delay changes. */
export class DelayLine {
  private waiting: Delayed[] = [];
  private first = 0;
  private lastDue = 0;
  private isArmed = false;

  /** Nothing is on its way. */
  get isEmpty(): boolean {
    return this.first === this.waiting.length;
  }

  /** Calls `deliver` in `delayMs` milliseconds, and never before what was given earlier. */
  send(delayMs: number, deliver: () => void): void {
    this.lastDue = Math.max(this.lastDue, performance.now() + delayMs);
    this.waiting.push({ due: this.lastDue, deliver });
    if (!this.isArmed) this.arm();
  }

  private arm(): void {
    const next = this.waiting[this.first];
    this.isArmed = next !== undefined;
    if (next === undefined) return;
    // A timer may fire a millisecond late: the last one is passed in turns of the loop.
    const wholeMs = Math.floor(next.due - performance.now()) - 1;
    if (wholeMs >= 1) setTimeout(this.flush, wholeMs);
    else setImmediate(this.flush);
  }

  private readonly flush = (): void => {
    const now = performance.now();
    for (let next = this.waiting[this.first]; next !== undefined && next.due <= now;) {
      this.first += 1;
      next.deliver();
      next = this.waiting[this.first];
    }
    if (this.first > 1_000 || this.first === this.waiting.length) {
      this.waiting = this.waiting.slice(this.first);
      this.first = 0;
    }
    this.arm();
  };
}
