/**
 * Time as the policies see it: monotonic, and replaceable in tests.
 */

/** What a started timer is known by; never undefined. */
export type TimerHandle = unknown;

/** A source of time. Never the time of day: that one jumps. */
export interface Clock {
  /** Milliseconds since an arbitrary moment, with fractions. */
  now(): number;
  /** Calls `callback` once, not before the event loop's next turn. May be early by a millisecond: look at `now()`. */
  setTimeout(callback: () => void, ms: number): TimerHandle;
  clearTimeout(handle: TimerHandle): void;
}

/** Longest timer of Node; it would fire a longer one at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock of the process. A timer longer than 24 days fires after 24 days. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, Math.min(ms, LONGEST_TIMER_MS)),
  clearTimeout: (handle) => {
    clearTimeout(handle as NodeJS.Timeout);
  },
};

/** Reads a clock so that time never goes back: when the clock does, time goes on from where it was. */
export class SteadyTime {
  private offset = 0;
  private latest = -Infinity;

  constructor(private readonly clock: Clock) {}

  /** Milliseconds, as {@link Clock.now}. */
  now(): number {
    const read = this.clock.now() + this.offset;
    if (read < this.latest) {
      this.offset += this.latest - read;
      return this.latest;
    }
    this.latest = read;
    return read;
  }
}
