/**
 * A clock that stands still until it is told to go on.
 */
import type { Clock, TimerHandle } from '../src/policies/clock.js';

interface Timer {
  readonly at: number;
  readonly number: number;
  readonly callback: () => void;
}

/** Timers follow the time that has passed; what `now()` reads can be set apart from it with {@link jump}. */
export class VirtualClock implements Clock {
  private passed = 0;
  private skew = 0;
  private started = 0;
  private readonly timers = new Set<Timer>();

  /** Timers that have ever been set. */
  get timersStarted(): number {
    return this.started;
  }

  /** Timers that have not fired and have not been cleared. */
  get timerCount(): number {
    return this.timers.size;
  }

  now(): number {
    return this.passed + this.skew;
  }

  setTimeout(callback: () => void, ms: number): TimerHandle {
    this.started += 1;
    const timer: Timer = { at: this.passed + Math.max(1, ms), number: this.started, callback };
    this.timers.add(timer);
    return timer;
  }

  clearTimeout(handle: TimerHandle): void {
    this.timers.delete(handle as Timer);
  }

  /** Lets time pass, and fires the timers that are due, in order. */
  advance(ms: number): void {
    const end = this.passed + ms;
    for (let next = this.nextBefore(end); next !== undefined; next = this.nextBefore(end)) {
      this.timers.delete(next);
      this.passed = next.at;
      next.callback();
    }
    this.passed = end;
  }

  /** As {@link advance}, but lets promises go on after each timer. */
  async run(ms: number): Promise<void> {
    const end = this.passed + ms;
    await turn();
    for (let next = this.nextBefore(end); next !== undefined; next = this.nextBefore(end)) {
      this.timers.delete(next);
      this.passed = next.at;
      next.callback();
      await turn();
    }
    this.passed = end;
  }

  /** Sets the reading forward or back; no time passes, no timer is due. */
  jump(ms: number): void {
    this.skew += ms;
  }

  private nextBefore(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) {
      if (timer.at > end) continue;
      if (
        first === undefined ||
        timer.at < first.at ||
        (timer.at === first.at && timer.number < first.number)
      ) {
        first = timer;
      }
    }
    return first;
  }
}

/** Lets all promises go on that can. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
