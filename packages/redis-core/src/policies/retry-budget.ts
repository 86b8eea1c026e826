/**
 * How many repetitions all operations together may cause: while everything fails, retries must not become the load that
 * keeps it failing.
 */
import { systemClock } from './clock.js';
import type { Clock } from './clock.js';
import { checkAmount } from './numbers.js';

/** Limits of a {@link RetryBudget}. */
export interface RetryBudgetOptions {
  /** Retries per call in the long run. Default 0.1: the load of a total failure is at most 110 %. */
  readonly ratio?: number;
  /** Retries per 10 s that are granted without any calls, so that a quiet process may retry too. Default 10. */
  readonly minimum?: number;
  readonly clock?: Clock;
}

const MINIMUM_PERIOD_MS = 10_000;
/** Credit that calls can pile up: one lost connection may have had this many operations in flight. */
const MAX_CREDIT = 1_000;

/** A token bucket that is filled by calls, and one beside it that is filled by time. */
export class RetryBudget {
  private readonly ratio: number;
  private readonly minimum: number;
  private readonly clock: Clock;
  private credit = 0;
  private floor: number;
  private floorAsOf: number;

  /** @throws RangeError for a negative ratio or minimum */
  constructor(options: RetryBudgetOptions = {}) {
    this.ratio = options.ratio ?? 0.1;
    this.minimum = options.minimum ?? 10;
    this.clock = options.clock ?? systemClock;
    checkAmount('ratio', this.ratio);
    checkAmount('minimum', this.minimum);
    this.floor = this.minimum;
    this.floorAsOf = this.clock.now();
  }

  /** Retries that would be granted now, as a fraction too. */
  get tokens(): number {
    this.refill();
    return this.credit + this.floor;
  }

  /** To be called once per operation, not per try. */
  recordCall(): void {
    const credit = this.credit + this.ratio;
    this.credit = credit > MAX_CREDIT ? MAX_CREDIT : credit;
  }

  /** Takes a token. False when there is none: then the caller gives up instead of retrying. */
  tryRetry(): boolean {
    if (this.credit >= 1) {
      this.credit -= 1;
      return true;
    }
    this.refill();
    if (this.floor < 1) return false;
    this.floor -= 1;
    return true;
  }

  private refill(): void {
    const now = this.clock.now();
    const elapsed = Math.max(0, now - this.floorAsOf);
    this.floorAsOf = now;
    this.floor = Math.min(this.minimum, this.floor + (elapsed * this.minimum) / MINIMUM_PERIOD_MS);
  }
}
