/**
 * Makes batches of single items: one round trip for many, without waiting for it longer than the turn of the event loop.
 */
import { RedisError, withoutStackTrace } from '../redis-error.js';
import { BatchLane } from './batch-lane.js';
import type { BatchItem, BatchLimits } from './batch-lane.js';
import { systemClock } from './clock.js';
import type { Clock, TimerHandle } from './clock.js';
import { checkAmount, checkCount } from './numbers.js';

/** What a {@link Batcher} does, and its limits. */
export interface BatcherOptions<Item, Result> {
  /** Executes a batch; answers with one result per item, in their order. Must settle: until then its key waits. */
  readonly flush: (key: string, items: readonly Item[]) => Promise<readonly Result[]>;
  /** Items of one batch. Default 64; 50 to 100 is the useful range for pipelines. */
  readonly maxItems?: number;
  /** Bytes of one batch; a larger item gets a batch of its own. Default 65,536. */
  readonly maxBytes?: number;
  /** Items without an answer, all keys together; the next one is refused. Default 100,000. */
  readonly maxPendingItems?: number;
  /** Bytes of the items without an answer. Default 64 MiB. */
  readonly maxPendingBytes?: number;
  /**
   * How long an item may wait for others, milliseconds. Default 0: until the end of the turn. Measured, a window of 5 ms
   * costs 5 ms and saves 8 to 22 % of the CPU; under load batches form by themselves while one is in flight.
   */
  readonly maxDelayMs?: number;
  readonly clock?: Clock;
}

/**
 * Why batches were sent: so many items, or so many bytes; the end of the turn, or of the delay; the batch before it had come
 * back; somebody asked for it.
 */
export interface BatcherStats {
  readonly flushes: {
    count: number;
    bytes: number;
    turn: number;
    delay: number;
    returned: number;
    asked: number;
  };
}

type FlushReason = keyof BatcherStats['flushes'];

/**
 * One batch per key is in flight at a time, so the items of a key are executed in the order in which they were added; what
 * is added meanwhile makes up the next batch. Every item gets its own answer, exactly once.
 */
export class Batcher<Item, Result = void> {
  readonly stats: BatcherStats = {
    flushes: { count: 0, bytes: 0, turn: 0, delay: 0, returned: 0, asked: 0 },
  };
  private readonly execute: BatcherOptions<Item, Result>['flush'];
  private readonly limits: BatchLimits;
  private readonly maxPendingItems: number;
  private readonly maxPendingBytes: number;
  private readonly maxDelayMs: number;
  private readonly clock: Clock;
  private readonly lanes = new Map<string, BatchLane<Item, Result>>();
  /** Keys whose items wait for the end of the turn, or of the delay. */
  private scheduled = new Set<BatchLane<Item, Result>>();
  private immediate: NodeJS.Immediate | undefined;
  private readonly timers = new Map<BatchLane<Item, Result>, TimerHandle>();
  private items = 0;
  private bytes = 0;
  private closing: Promise<void> | undefined;

  /** @throws RangeError for a limit that makes no sense; the message names it */
  constructor(options: BatcherOptions<Item, Result>) {
    this.execute = options.flush;
    this.limits = { maxItems: options.maxItems ?? 64, maxBytes: options.maxBytes ?? 65_536 };
    this.maxPendingItems = options.maxPendingItems ?? 100_000;
    this.maxPendingBytes = options.maxPendingBytes ?? 64 * 1024 * 1024;
    this.maxDelayMs = options.maxDelayMs ?? 0;
    this.clock = options.clock ?? systemClock;
    checkCount('maxItems', this.limits.maxItems);
    checkCount('maxBytes', this.limits.maxBytes);
    checkCount('maxPendingItems', this.maxPendingItems);
    checkCount('maxPendingBytes', this.maxPendingBytes);
    checkAmount('maxDelayMs', this.maxDelayMs);
  }

  /** What has been added and not answered, batches in flight included. */
  get pending(): { items: number; bytes: number } {
    return { items: this.items, bytes: this.bytes };
  }

  /**
   * Adds an item to the next batch of its key, and answers with its result.
   *
   * @param bytes its size, for the limits. Default 0
   * @throws RedisError `not-executed` BATCHER_FULL or CLOSED; `unknown` CLOSED when it was in flight at the end of the
   *   deadline of {@link close}
   * @throws whatever the batch failed with; TypeError when it was answered with another number of results than items
   */
  add(key: string, item: Item, bytes = 0): Promise<Result> {
    if (this.closing !== undefined) return Promise.reject(closedBeforeSent());
    if (!(bytes >= 0 && bytes < Infinity)) {
      return Promise.reject(new RangeError(`bytes is ${String(bytes)}; it must be a number of at least 0.`));
    }
    if (this.items >= this.maxPendingItems || this.bytes + bytes > this.maxPendingBytes) {
      return Promise.reject(this.full());
    }
    return new Promise((resolve, reject) => {
      const lane = this.laneOf(key);
      lane.push({ item, bytes, resolve, reject });
      this.items += 1;
      this.bytes += bytes;
      if (lane.inFlight !== undefined) return;
      const reached = lane.reached(this.limits);
      if (reached === undefined) this.schedule(lane);
      else this.send(lane, reached);
    });
  }

  /** Sends what has been added; resolves when all of that is answered, whatever the answers are. */
  async flush(): Promise<void> {
    const lanes = [...this.lanes.values()];
    const answered = lanes.map((lane) => lane.untilAnswered());
    for (const lane of lanes) {
      if (lane.inFlight === undefined) this.send(lane, 'asked');
    }
    await Promise.all(answered);
  }

  /**
   * Takes nothing any more and sends what there is. What has no answer after `deadlineMs` is rejected with CLOSED. Leaves no
   * timer.
   */
  close(deadlineMs: number): Promise<void> {
    this.closing ??= new Promise((resolve) => {
      // After this turn of `close`, in which `closing` is still being set.
      queueMicrotask(() => {
        const end = (): void => {
          this.clock.clearTimeout(deadline);
          this.rejectAll();
          resolve();
        };
        const deadline = this.clock.setTimeout(end, deadlineMs);
        void this.flush().then(end);
      });
    });
    return this.closing;
  }

  private laneOf(key: string): BatchLane<Item, Result> {
    let lane = this.lanes.get(key);
    if (lane === undefined) {
      lane = new BatchLane(key);
      this.lanes.set(key, lane);
    }
    return lane;
  }

  private schedule(lane: BatchLane<Item, Result>): void {
    if (this.maxDelayMs > 0) {
      if (this.timers.has(lane)) return;
      const timer = this.clock.setTimeout(() => {
        this.send(lane, 'delay');
      }, this.maxDelayMs);
      this.timers.set(lane, timer);
      return;
    }
    this.scheduled.add(lane);
    this.immediate ??= setImmediate(() => {
      this.immediate = undefined;
      const due = this.scheduled;
      this.scheduled = new Set();
      for (const one of due) this.send(one, 'turn');
    });
  }

  private unschedule(lane: BatchLane<Item, Result>): void {
    this.scheduled.delete(lane);
    const timer = this.timers.get(lane);
    if (timer === undefined) return;
    this.clock.clearTimeout(timer);
    this.timers.delete(lane);
  }

  /** Nothing of the lane is in flight. */
  private send(lane: BatchLane<Item, Result>, reason: FlushReason): void {
    this.unschedule(lane);
    const batch = lane.take(this.limits);
    if (batch.length === 0) return;
    this.stats.flushes[reason] += 1;
    lane.inFlight = batch;
    this.executeBatch(lane.key, batch).then(
      (results) => {
        this.returned(lane, batch, () => {
          batch.forEach(({ resolve }, i) => {
            resolve(results[i] as Result);
          });
        });
      },
      (error: unknown) => {
        this.returned(lane, batch, () => {
          for (const { reject } of batch) reject(error);
        });
      },
    );
  }

  private async executeBatch(
    key: string,
    batch: readonly BatchItem<Item, Result>[],
  ): Promise<readonly Result[]> {
    const results: unknown = await this.execute(
      key,
      batch.map(({ item }) => item),
    );
    if (Array.isArray(results) && results.length === batch.length) return results as Result[];
    const got = Array.isArray(results) ? `${String(results.length)} results` : typeof results;
    throw new TypeError(
      `A batch of ${String(batch.length)} items of ${key} was answered with ${got}; flush must answer one per item.`,
    );
  }

  private returned(
    lane: BatchLane<Item, Result>,
    batch: readonly BatchItem<Item, Result>[],
    answer: () => void,
  ): void {
    // Answered already: the batcher was closed meanwhile.
    if (lane.inFlight !== batch) return;
    lane.inFlight = undefined;
    answer();
    this.countAnswered(lane, batch);
    if (lane.hasWaiting) this.send(lane, 'returned');
  }

  private countAnswered(lane: BatchLane<Item, Result>, batch: readonly BatchItem<Item, Result>[]): void {
    this.items -= batch.length;
    for (const { bytes } of batch) this.bytes -= bytes;
    lane.countAnswered(batch.length);
    if (lane.isEmpty) this.lanes.delete(lane.key);
  }

  private rejectAll(): void {
    for (const lane of [...this.lanes.values()]) {
      this.unschedule(lane);
      const { inFlight = [] } = lane;
      lane.inFlight = undefined;
      const waiting = lane.takeAll();
      for (const { reject } of inFlight) reject(closedInFlight());
      for (const { reject } of waiting) reject(closedBeforeSent());
      this.countAnswered(lane, inFlight);
      if (waiting.length > 0) this.countAnswered(lane, waiting);
    }
    clearImmediate(this.immediate);
    this.immediate = undefined;
  }

  private full(): RedisError {
    const pending = `${String(this.items)} items, ${String(this.bytes)} bytes wait for an answer`;
    return withoutStackTrace(
      () =>
        new RedisError('not-executed', 'BATCHER_FULL', `No room for another item: ${pending}; slow down.`),
    );
  }
}

function closedBeforeSent(): RedisError {
  return withoutStackTrace(
    () => new RedisError('not-executed', 'CLOSED', 'The item was not sent: the batcher has been closed.'),
  );
}

function closedInFlight(): RedisError {
  const why = 'the batcher was closed before there was an answer';
  return withoutStackTrace(
    () => new RedisError('unknown', 'CLOSED', `The item may have been executed: ${why}.`),
  );
}
