/**
 * Work that is deferred while Redis is away, and really done when it is back. In memory: what must outlive the process
 * belongs in a database.
 */
import { RedisError } from '../redis-error.js';
import { fullJitterDelayMs } from './backoff.js';
import type { Clock, TimerHandle } from './clock.js';
import { DeferredEntry, KeyLine } from './deferred-entry.js';
import type { HeapPlace, Urgency } from './deferred-entry.js';
import { checkWork } from './deferred-work.js';
import type { DeferredOutcome, DeferredWork, DropReason } from './deferred-work.js';
import { DropOrder } from './drop-order.js';
import { Listeners } from './listeners.js';
import { NumericHeap } from './numeric-heap.js';
import { Ramp } from './ramp.js';
import { resolveQueueOptions } from './recovery-queue-options.js';
import type { DroppedListener, RecoveryQueueInfo, RecoveryQueueOptions } from './recovery-queue-options.js';
import { mayRetry } from './retry.js';

export type { DeferredOutcome, DeferredPriority, DeferredWork } from './deferred-work.js';
export type { RecoveryQueueInfo, RecoveryQueueOptions } from './recovery-queue-options.js';

/** Failures of tries that did not get as far as Redis: they are not the work's fault, and its expiry bounds them. */
const NOT_TRIED = new Set([
  'NOT_CONNECTED',
  'CIRCUIT_OPEN',
  'PERMIT_QUEUE_FULL',
  'PERMIT_TIMEOUT',
  'TIMEOUT',
]);
/** Refusals that are not repeated in line, because that would add to the load; to come back later does not. */
const OVERLOADED = new Set(['PERMIT_QUEUE_FULL', 'PERMIT_TIMEOUT']);

/**
 * - Order: `high` before `normal`, first in first out within a priority, one at a time and in order within a key. An entry
 *   that others of its key wait behind has the highest priority among them: nothing urgent waits behind what is not.
 * - A try that failed and may be repeated keeps its place, ahead of later entries of its key, and pauses (full jitter).
 * - Full: the lowest priority is dropped first, among them the oldest. A newcomer that is below everything queued, or
 *   that is larger than the queue, is dropped itself. What is running is not dropped.
 * - An entry that runs when it expires is aborted, and its outcome is that of its write: `stored`, else `expired`.
 */
export class RecoveryQueue {
  private readonly options: Required<RecoveryQueueOptions>;
  private readonly clock: Clock;
  private readonly ramp: Ramp;
  private readonly lines = new Map<string, KeyLine>();
  /** All entries, the oldest first. */
  private readonly entries = new Set<DeferredEntry>();
  private readonly ready = new NumericHeap<HeapPlace>();
  private readonly delayed = new NumericHeap<HeapPlace>();
  private readonly expiring = new NumericHeap<HeapPlace>();
  private readonly dropOrder = new DropOrder();
  private readonly droppedListeners = new Listeners<Parameters<DroppedListener>>();
  private readonly dropped = { high: 0, normal: 0 };
  private readonly settled = { stored: 0, failed: 0, expired: 0 };
  private bytes = 0;
  private running = 0;
  private offers = 0;
  private timer: TimerHandle;
  private timerAt = Infinity;
  private isClosing = false;
  private closing: Promise<void> | undefined;
  /** Called when there may be nothing left to wait for at the end. */
  private onDrained: (() => void) | undefined;

  /** @throws RangeError for an option that makes no sense; the message names it */
  constructor(options: RecoveryQueueOptions = {}) {
    this.options = resolveQueueOptions(options);
    this.clock = this.options.clock;
    this.ramp = new Ramp(this.options.concurrency, this.options.rampMs);
  }

  /**
   * Takes work over. The answer comes when it is decided what became of it, and never rejects.
   *
   * @throws RangeError, at once, for a number of the work that makes no sense, such as 0 attempts
   */
  offer(work: DeferredWork): Promise<DeferredOutcome> {
    checkWork(work);
    if (this.isClosing) return Promise.resolve(this.countDropped(work, 'closed'));
    const isAwaited = (this.lines.get(work.key)?.waiters.size ?? 0) > 0;
    const urgency = isAwaited ? 0 : work.priority === 'high' ? 1 : 2;
    if (!this.makeRoom(work.bytes, urgency)) return Promise.resolve(this.countDropped(work, 'overflow'));
    return new Promise((resolve) => {
      this.offers += 1;
      this.admit(new DeferredEntry(work, this.offers, this.clock.now(), urgency, resolve));
    });
  }

  /** Whether there is work of this key, waiting or running. */
  has(key: string): boolean {
    return this.lines.has(key);
  }

  /**
   * Resolves when the key has no work any more, for whoever wants to write past the queue and not be overtaken by older work.
   * Until then the key's work is ahead of everything else. If the queue is stopped, that may take until it expires.
   *
   * @throws RedisError `not-executed` ABORTED when the signal ends the wait
   */
  idle(key: string, signal?: AbortSignal): Promise<void> {
    const line = this.lines.get(key);
    if (line === undefined) return Promise.resolve();
    if (signal?.aborted === true) return Promise.reject(gaveUpOn(key));
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        line.waiters.delete(isIdle);
        reject(gaveUpOn(key));
      };
      const isIdle = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      signal?.addEventListener('abort', abort, { once: true });
      line.waiters.add(isIdle);
      // The pause of a failed try ends too, but only for the first who waits: a pause is there for a reason.
      if (line.waiters.size === 1) this.promote(line);
    });
  }

  /** Redis is back: does the work, and goes on with what is offered from now on. */
  start(): void {
    if (this.ramp.isStarted || this.isClosing) return;
    this.ramp.start(this.clock.now());
    this.goOn();
  }

  /** Redis is away: begins nothing. What runs is left to settle. */
  stop(): void {
    this.ramp.stop();
    this.goOn();
  }

  get info(): RecoveryQueueInfo {
    let oldestMs = 0;
    for (const oldest of this.entries) {
      oldestMs = Math.max(0, this.clock.now() - oldest.offeredAt);
      break;
    }
    return {
      entries: this.entries.size,
      bytes: this.bytes,
      running: this.running,
      oldestMs,
      dropped: { ...this.dropped },
      ...this.settled,
    };
  }

  /** Tells of each entry that is dropped. Returns a function that removes the listener. */
  on(_event: 'dropped', listener: DroppedListener): () => void {
    return this.droppedListeners.add(listener);
  }

  /**
   * Takes nothing any more, and goes on until the queue is empty, or `deadlineMs` (default 0) have passed; what is left then
   * is aborted and dropped. While the queue is stopped it waits only for what runs. Leaves no timer.
   */
  close(deadlineMs = 0): Promise<void> {
    this.closing ??= this.drainAndDrop(deadlineMs);
    return this.closing;
  }

  private makeRoom(bytes: number, urgency: Urgency): boolean {
    const tooMany = (): number => this.entries.size + 1 - this.options.maxEntries;
    const tooLarge = (): number => this.bytes + bytes - this.options.maxBytes;
    if (!this.dropOrder.canFree(tooMany(), tooLarge(), urgency)) return false;
    while (tooMany() > 0 || tooLarge() > 0) {
      const next = this.dropOrder.next(urgency);
      if (next === undefined) return false;
      this.drop(next, 'overflow');
    }
    return true;
  }

  private admit(entry: DeferredEntry): void {
    const { key, bytes } = entry.work;
    let line = this.lines.get(key);
    if (line === undefined) {
      line = new KeyLine();
      this.lines.set(key, line);
    }
    line.append(entry);
    this.entries.add(entry);
    this.bytes += bytes;
    this.expiring.push(entry.expiry);
    this.dropOrder.add(entry);
    if (line.first === entry) this.makeReady(entry);
    else this.raise(entry.previous, entry.urgency);
    this.goOn();
  }

  /** Passes an urgency on to what is ahead in the line. Nobody there is behind somebody less urgent, so it ends early. */
  private raise(last: DeferredEntry | undefined, urgency: Urgency): void {
    for (let entry = last; entry !== undefined && entry.urgency > urgency; entry = entry.previous) {
      const isDroppable = entry.drop.position !== -1;
      this.dropOrder.remove(entry);
      entry.urgency = urgency;
      if (isDroppable) this.dropOrder.add(entry);
      if (entry.status === 'queued' && entry.turn.position !== -1) {
        entry.turn.rank = urgency;
        this.ready.update(entry.turn);
      }
    }
  }

  private promote(line: KeyLine): void {
    this.raise(line.last, 0);
    if (line.first?.status === 'delayed') {
      this.delayed.remove(line.first.turn);
      this.makeReady(line.first);
    }
    this.goOn();
  }

  private makeReady(entry: DeferredEntry): void {
    entry.status = 'queued';
    entry.turn.rank = entry.urgency;
    this.ready.push(entry.turn);
  }

  /** Does all that is due, and sets the timer for what is due next. */
  private goOn(): void {
    const now = this.clock.now();
    for (let { top } = this.expiring; top !== undefined && top.rank <= now; top = this.expiring.top) {
      this.expire(top.entry);
    }
    for (let { top } = this.delayed; top !== undefined && top.rank <= now; top = this.delayed.top) {
      this.delayed.remove(top);
      this.makeReady(top.entry);
    }
    while (this.running < this.ramp.allowed(now)) {
      const next = this.ready.pop();
      if (next === undefined) break;
      this.run(next.entry);
    }
    this.setTimer(now);
    if (this.entries.size === 0 || (!this.ramp.isStarted && this.running === 0)) this.onDrained?.();
  }

  private run(entry: DeferredEntry): void {
    entry.status = 'running';
    entry.controller = new AbortController();
    this.dropOrder.remove(entry);
    this.running += 1;
    call(entry.work.write, entry.controller.signal).then(
      () => {
        this.hasRun(entry, () => ({ state: 'stored' }));
      },
      (error: unknown) => {
        this.hasRun(entry, () => this.judge(entry, error));
      },
    );
  }

  private hasRun(entry: DeferredEntry, judge: () => DeferredOutcome | undefined): void {
    // Settled already: the queue was closed meanwhile.
    if (entry.status === 'settled') return;
    this.running -= 1;
    entry.controller = undefined;
    const outcome = judge();
    if (outcome === undefined) this.pause(entry);
    else this.settle(entry, outcome);
    this.goOn();
  }

  /** What a failed try means: an outcome, or undefined for another try. */
  private judge(entry: DeferredEntry, error: unknown): DeferredOutcome | undefined {
    const { attempts, idempotent } = entry.work;
    const code = error instanceof RedisError && error.outcome === 'not-executed' ? error.code : '';
    entry.failures += 1;
    if (!NOT_TRIED.has(code)) entry.tries += 1;
    if (entry.expiry.position === -1) return { state: 'expired' };
    const mayTryAgain = OVERLOADED.has(code) || mayRetry(error, idempotent);
    return mayTryAgain && entry.tries < attempts ? undefined : { state: 'failed', error };
  }

  private pause(entry: DeferredEntry): void {
    entry.status = 'delayed';
    entry.turn.rank = this.clock.now() + fullJitterDelayMs(entry.failures, entry.work, this.options.random);
    this.delayed.push(entry.turn);
    this.dropOrder.add(entry);
  }

  private expire(entry: DeferredEntry): void {
    this.expiring.remove(entry.expiry);
    // Whether it was done after all is for its write to say.
    if (entry.status === 'running') entry.controller?.abort();
    else this.settle(entry, { state: 'expired' });
  }

  private settle(entry: DeferredEntry, outcome: DeferredOutcome): void {
    const { key, bytes } = entry.work;
    const line = this.lines.get(key);
    const wasFirst = line?.first === entry;
    (entry.status === 'delayed' ? this.delayed : this.ready).remove(entry.turn);
    this.expiring.remove(entry.expiry);
    this.dropOrder.remove(entry);
    entry.status = 'settled';
    this.entries.delete(entry);
    this.bytes -= bytes;
    if (outcome.state !== 'dropped') this.settled[outcome.state] += 1;
    entry.resolve(outcome);
    line?.remove(entry);
    if (line?.first === undefined) {
      this.lines.delete(key);
      for (const resolve of line?.waiters ?? []) resolve();
    } else if (wasFirst) {
      this.makeReady(line.first);
    }
  }

  private drop(entry: DeferredEntry, reason: DropReason): void {
    // First out of the queue: a listener may offer something.
    this.settle(entry, { state: 'dropped', reason });
    this.countDropped(entry.work, reason);
  }

  private countDropped({ key, priority }: DeferredWork, reason: DropReason): DeferredOutcome {
    this.dropped[priority] += 1;
    this.droppedListeners.emit(key, priority, reason);
    return { state: 'dropped', reason };
  }

  private setTimer(now: number): void {
    const at = this.nextMoment(now);
    // A timer that is early does no harm, and most of what it was set for is gone before it fires.
    if (at !== Infinity && at >= this.timerAt) return;
    if (this.timerAt !== Infinity) this.clock.clearTimeout(this.timer);
    this.timerAt = at;
    if (at === Infinity) return;
    this.timer = this.clock.setTimeout(
      () => {
        this.timerAt = Infinity;
        this.goOn();
      },
      Math.max(1, Math.ceil(at - now)),
    );
  }

  private nextMoment(now: number): number {
    const expiry = this.expiring.top?.rank ?? Infinity;
    if (!this.ramp.isStarted) return expiry;
    const pause = this.delayed.top?.rank ?? Infinity;
    const step = this.ready.size > 0 ? this.ramp.nextStepAt(now) : Infinity;
    return Math.min(expiry, pause, step);
  }

  private async drainAndDrop(deadlineMs: number): Promise<void> {
    this.isClosing = true;
    if (deadlineMs > 0) await this.drain(deadlineMs);
    this.ramp.stop();
    for (const entry of this.entries) {
      const { controller } = entry;
      if (controller !== undefined) this.running -= 1;
      this.drop(entry, 'closed');
      controller?.abort();
    }
    this.setTimer(this.clock.now());
    this.droppedListeners.clear();
  }

  private drain(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.clock.clearTimeout(deadline);
        this.onDrained = undefined;
        resolve();
      };
      const deadline = this.clock.setTimeout(end, deadlineMs);
      this.onDrained = end;
      this.goOn();
    });
  }
}

/** So that a write that throws instead of rejecting fails like any other. */
async function call(write: DeferredWork['write'], signal: AbortSignal): Promise<void> {
  await write(signal);
}

function gaveUpOn(key: string): RedisError {
  return new RedisError(
    'not-executed',
    'ABORTED',
    `The caller gave up waiting for the deferred work of ${key}.`,
  );
}
