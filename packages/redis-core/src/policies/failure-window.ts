/**
 * How many of the calls of the last seconds failed: counts in a ring of buckets. Recording costs the same however many
 * calls there were.
 */

/** Counts over the latest `buckets` buckets, the one that is being filled included. */
export class FailureWindow {
  calls = 0;
  failures = 0;
  slowCalls = 0;
  private readonly bucketMs: number;
  private readonly callsIn: Uint32Array;
  private readonly failuresIn: Uint32Array;
  private readonly slowCallsIn: Uint32Array;
  private current = 0;
  /** The current bucket ends before this moment. */
  private endsAt = -Infinity;

  constructor(
    windowMs: number,
    private readonly buckets: number,
  ) {
    this.bucketMs = windowMs / buckets;
    this.callsIn = new Uint32Array(buckets);
    this.failuresIn = new Uint32Array(buckets);
    this.slowCallsIn = new Uint32Array(buckets);
  }

  /** Counts a call. `now` must not go back. */
  record(now: number, hasFailed: boolean, isSlow: boolean): void {
    if (now >= this.endsAt) this.advance(now);
    const { current } = this;
    this.callsIn[current]! += 1;
    this.calls += 1;
    if (hasFailed) {
      this.failuresIn[current]! += 1;
      this.failures += 1;
    }
    if (isSlow) {
      this.slowCallsIn[current]! += 1;
      this.slowCalls += 1;
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.callsIn.fill(0);
    this.failuresIn.fill(0);
    this.slowCallsIn.fill(0);
    this.calls = 0;
    this.failures = 0;
    this.slowCalls = 0;
  }

  /** Moves on by the time that has passed, not by the number of calls: after an idle hour nothing is left. */
  private advance(now: number): void {
    const passed = (now - this.endsAt) / this.bucketMs + 1;
    if (passed < this.buckets) {
      for (let i = 1; i <= passed; i += 1) this.dropOldest();
    } else {
      this.clear();
    }
    this.endsAt = (Math.floor(now / this.bucketMs) + 1) * this.bucketMs;
  }

  private dropOldest(): void {
    this.current = (this.current + 1) % this.buckets;
    const { current } = this;
    this.calls -= this.callsIn[current]!;
    this.failures -= this.failuresIn[current]!;
    this.slowCalls -= this.slowCallsIn[current]!;
    this.callsIn[current] = 0;
    this.failuresIn[current] = 0;
    this.slowCallsIn[current] = 0;
  }
}
