/**
 * Bounds what is in flight, and who waits for it: permits, with a bounded queue of bounded patience in three classes.
 */
import { RedisError, withoutStackTrace } from '../redis-error.js';
import { systemClock } from './clock.js';
import type { Clock, TimerHandle } from './clock.js';
import { checkAmount, checkCount } from './numbers.js';
import { NumericHeap } from './numeric-heap.js';
import { Waiter, WaiterList } from './waiter-list.js';
import type { PermitTaker } from './waiter-list.js';

export type { PermitTaker } from './waiter-list.js';

/** Class in which a caller waits; 0 is served first. */
export type PermitPriority = 0 | 1 | 2;

/** Limits of a {@link Semaphore}. */
export interface SemaphoreOptions {
  /** How many may hold a permit at the same time. */
  readonly permits: number;
  /** How many may wait at the same time; the next one is refused. 0: nobody waits. */
  readonly maxWaiting: number;
  /** A waiting caller rises by one class each time this many milliseconds have passed. Default 500. */
  readonly ageingMs?: number;
  readonly clock?: Clock;
}

/** How one caller waits. */
export interface AcquireOptions {
  /** Default 1. */
  readonly priority?: PermitPriority;
  /** How long, in milliseconds; 0: not at all. */
  readonly maxWaitMs: number;
  /** Gives up waiting. */
  readonly signal?: AbortSignal;
}

/** Counters of a {@link Semaphore} since it was made. */
export interface SemaphoreStats {
  readonly rejected: { full: number; timeout: number; aborted: number };
  /** Callers that had to wait. */
  waited: number;
  /** How long they waited, all together, whatever came of it. */
  waitedMsTotal: number;
}

const GRANTED = Promise.resolve();

/**
 * Whoever has waited longest is served first within a class; between the classes the lowest number, from which one is
 * taken off per `ageingMs` of waiting, so that nobody starves. A permit that comes back goes straight to the next waiter:
 * nobody can snatch it in between.
 *
 * All waiters share one timer. With 100,000 of them a timer each costs 0.45 to 0.65 µs per waiter, this 0.1 to 0.2 µs.
 */
export class Semaphore {
  readonly stats: SemaphoreStats = {
    rejected: { full: 0, timeout: 0, aborted: 0 },
    waited: 0,
    waitedMsTotal: 0,
  };
  private readonly classes = [new WaiterList(), new WaiterList(), new WaiterList()] as const;
  private readonly expiring = new NumericHeap<Waiter>();
  private readonly maxWaiting: number;
  private readonly ageingMs: number;
  private readonly clock: Clock;
  private limit: number;
  private taken = 0;
  private isClosed = false;
  private isGranting = false;
  private timer: TimerHandle;
  /** When the timer fires; Infinity without a timer. */
  private timerAt = Infinity;

  /** @throws RangeError for an option that is not a number that makes sense; the message names it */
  constructor(options: SemaphoreOptions) {
    this.limit = options.permits;
    this.maxWaiting = options.maxWaiting;
    this.ageingMs = options.ageingMs ?? 500;
    this.clock = options.clock ?? systemClock;
    checkCount('permits', this.limit);
    checkCount('maxWaiting', this.maxWaiting, 0);
    checkAmount('ageingMs', this.ageingMs, 1);
  }

  get permits(): number {
    return this.limit;
  }

  /** Permits taken. Above `permits` for a while after {@link resize} has lowered those. */
  get inUse(): number {
    return this.taken;
  }

  /** Callers that wait. */
  get waiting(): number {
    return this.expiring.size;
  }

  /** Takes a permit if one is free and nobody waits for it. */
  tryAcquire(): boolean {
    if (this.taken >= this.limit || this.expiring.size > 0 || this.isClosed) return false;
    this.taken += 1;
    return true;
  }

  /**
   * Takes a permit, or waits for one. Whoever got one must give it back with {@link release}, also when its signal aborts
   * right afterwards.
   *
   * @throws RedisError `not-executed`: PERMIT_QUEUE_FULL, PERMIT_TIMEOUT, ABORTED or CLOSED
   * @throws RangeError for a wait that is not a number, or without an end
   */
  acquire(options: AcquireOptions): Promise<void> {
    const { maxWaitMs, signal } = options;
    if (!(maxWaitMs >= 0 && maxWaitMs < Infinity)) {
      const given = `maxWaitMs is ${String(maxWaitMs)}; it must be a number of at least 0`;
      return Promise.reject(new RangeError(`${given}: every wait for a permit is bounded.`));
    }
    if (this.isClosed) return Promise.reject(closed());
    if (signal?.aborted === true) return Promise.reject(this.aborted());
    if (this.tryAcquire()) return GRANTED;
    if (this.expiring.size >= this.maxWaiting) return Promise.reject(this.full());
    if (maxWaitMs === 0) return Promise.reject(this.timedOut(0));
    return new Promise((grant, refuse) => {
      const since = this.clock.now();
      const taker = { granted: grant, refused: refuse };
      const waiter = new Waiter(options.priority ?? 1, since, since + maxWaitMs, taker);
      this.enqueue(waiter);
      if (signal !== undefined) this.watch(waiter, signal);
    });
  }

  /**
   * As {@link acquire}, without a promise and without a limit of its own: for callers that are very many and keep their own
   * deadlines. The taker is called before this returns when a permit is free, or there is no room to wait.
   *
   * @param now the present moment of the semaphore's clock, if the caller knows it
   * @returns what {@link leave} takes; undefined when the taker has been called already
   */
  request(taker: PermitTaker, priority: PermitPriority, now = this.clock.now()): Waiter | undefined {
    if (this.tryAcquire()) taker.granted();
    else if (this.isClosed) taker.refused(closed());
    else if (this.expiring.size >= this.maxWaiting) taker.refused(this.full());
    else {
      const waiter = new Waiter(priority, now, Infinity, taker);
      this.enqueue(waiter);
      return waiter;
    }
    return undefined;
  }

  /** Takes somebody who still waits out of the queue; its taker is not called. */
  leave(waiter: Waiter): void {
    if (waiter.position === -1) return;
    this.stats.rejected.timeout += 1;
    this.remove(waiter);
  }

  /**
   * Gives a permit back.
   *
   * @throws Error when all permits are back already: somebody has released one twice
   */
  release(): void {
    if (this.taken === 0) throw new Error('A permit was released more often than acquired.');
    this.taken -= 1;
    if (this.expiring.size > 0) this.grantFree();
  }

  /**
   * Changes the number of permits. More of them go to waiters at once; fewer take effect as permits come back.
   *
   * @throws RangeError for anything but a whole number of at least 1
   */
  resize(permits: number): void {
    checkCount('permits', permits);
    this.limit = permits;
    this.grantFree();
  }

  /**
   * Does `work` under a permit, which comes back when `work` has settled, also when the caller gave up before: then this
   * rejects at once, but what is in flight stays counted.
   *
   * @throws RedisError as {@link acquire}; `unknown` ABORTED when the signal aborts while `work` is going on
   */
  async use<T>(work: () => Promise<T>, options: AcquireOptions): Promise<T> {
    await this.acquire(options);
    const { signal } = options;
    if (signal?.aborted === true) {
      this.release();
      throw this.aborted();
    }
    const working = this.workAndRelease(work);
    if (signal === undefined) return working;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        reject(new RedisError('unknown', 'ABORTED', 'The caller gave up while the work was going on.'));
      };
      signal.addEventListener('abort', abort, { once: true });
      void working.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', abort);
      });
    });
  }

  /** Refuses whoever waits, and whoever comes. Permits that are out may still be released. */
  close(): void {
    this.isClosed = true;
    for (let { top } = this.expiring; top !== undefined; top = this.expiring.top) {
      this.remove(top);
      top.taker.refused(closed());
    }
  }

  private async workAndRelease<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  private enqueue(waiter: Waiter): void {
    this.stats.waited += 1;
    waiter.tie = this.stats.waited;
    this.listOf(waiter).append(waiter);
    this.expiring.push(waiter);
    if (waiter.rank < this.timerAt) this.startTimer();
  }

  private watch(waiter: Waiter, signal: AbortSignal): void {
    const abort = (): void => {
      this.remove(waiter);
      waiter.taker.refused(this.aborted());
    };
    signal.addEventListener('abort', abort, { once: true });
    waiter.detach = () => {
      signal.removeEventListener('abort', abort);
    };
  }

  private remove(waiter: Waiter): void {
    this.listOf(waiter).remove(waiter);
    this.expiring.remove(waiter);
    waiter.detach?.();
    this.stats.waitedMsTotal += Math.max(0, this.clock.now() - waiter.since);
    if (this.expiring.size === 0) this.stopTimer();
  }

  private grantFree(): void {
    // A taker may give its permit back at once. The loop goes on with that one: a call of its own for each of those who
    // wait would be too many for the stack.
    if (this.isGranting) return;
    this.isGranting = true;
    try {
      while (this.taken < this.limit && !this.isClosed) {
        const next = this.nextInLine();
        if (next === undefined) return;
        this.taken += 1;
        this.remove(next);
        next.taker.granted();
      }
    } finally {
      this.isGranting = false;
    }
  }

  /** The first of each class has waited longest in it, so one of the three is next. */
  private nextInLine(): Waiter | undefined {
    const [first, second, third] = this.classes;
    const best = first.first;
    if (second.first === undefined && third.first === undefined) return best;
    const now = this.clock.now();
    return this.moreUrgent(this.moreUrgent(best, second.first, now), third.first, now);
  }

  private moreUrgent(a: Waiter | undefined, b: Waiter | undefined, now: number): Waiter | undefined {
    if (a === undefined || b === undefined) return a ?? b;
    const difference = this.effectiveClass(a, now) - this.effectiveClass(b, now);
    if (difference !== 0) return difference < 0 ? a : b;
    return a.since <= b.since ? a : b;
  }

  private effectiveClass(waiter: Waiter, now: number): number {
    return waiter.priority - Math.floor((now - waiter.since) / this.ageingMs);
  }

  private listOf(waiter: Waiter): WaiterList {
    return this.classes[waiter.priority as PermitPriority];
  }

  private startTimer(): void {
    this.stopTimer();
    const { top } = this.expiring;
    if (top === undefined || top.rank === Infinity) return;
    this.timerAt = top.rank;
    this.timer = this.clock.setTimeout(this.expireDue, Math.max(1, Math.ceil(top.rank - this.clock.now())));
  }

  private stopTimer(): void {
    if (this.timerAt === Infinity) return;
    this.clock.clearTimeout(this.timer);
    this.timerAt = Infinity;
  }

  private readonly expireDue = (): void => {
    this.timerAt = Infinity;
    const now = this.clock.now();
    for (let { top } = this.expiring; top !== undefined && top.rank <= now; top = this.expiring.top) {
      this.remove(top);
      top.taker.refused(this.timedOut(top.rank - top.since));
    }
    // The timer was set for somebody who has left: whoever is first now has more time.
    this.startTimer();
  };

  private full(): RedisError {
    this.stats.rejected.full += 1;
    const waiting = `${String(this.maxWaiting)} callers wait already for ${String(this.limit)} permits`;
    return refused('PERMIT_QUEUE_FULL', `${waiting}; slow down, or raise maxWaiting`);
  }

  private timedOut(afterMs: number): RedisError {
    this.stats.rejected.timeout += 1;
    const taken = `all ${String(this.limit)} were taken for ${String(Math.round(afterMs))} ms`;
    return refused('PERMIT_TIMEOUT', `${taken}; slow down, or raise the number of permits`);
  }

  private aborted(): RedisError {
    this.stats.rejected.aborted += 1;
    return refused('ABORTED', 'the caller gave up');
  }
}

function closed(): RedisError {
  return refused('CLOSED', 'it has been closed');
}

function refused(code: string, why: string): RedisError {
  return withoutStackTrace(() => new RedisError('not-executed', code, `No permit: ${why}.`));
}
