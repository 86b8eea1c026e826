/**
 * The words of the recovery queue: what it is given, and what it says became of it.
 */
import { checkAmount, checkCount } from './numbers.js';

/** `high` is done first; `normal` is dropped first. */
export type DeferredPriority = 'high' | 'normal';

/** Why work was dropped: there was no room for it, or the queue was closed. */
export type DropReason = 'overflow' | 'closed';

/** What became of deferred work. */
export type DeferredOutcome =
  /** It was done. */
  | { readonly state: 'stored' }
  /** It was tried as often as it may be, or failed in a way that no repetition can mend; `error` is the last failure. */
  | { readonly state: 'failed'; readonly error: unknown }
  /** Its time was up before it was done. A try that had failed with an unknown outcome may have done it all the same. */
  | { readonly state: 'expired' }
  /** It was given up. With `closed` a try may have been going on. */
  | { readonly state: 'dropped'; readonly reason: DropReason };

/** Something to do when Redis is back. Times are in milliseconds. */
export interface DeferredWork {
  /** Work of the same key is done in the order in which it was offered, one at a time. */
  readonly key: string;
  readonly priority: DeferredPriority;
  /** What it holds in memory. */
  readonly bytes: number;
  /**
   * Does it. May be called more than once. Must settle: until then it occupies its key and one of the queue's places. The
   * signal aborts when the work has expired or the queue is closed.
   */
  readonly write: (signal: AbortSignal) => Promise<unknown>;
  /** Tries in all. One that did not get as far as Redis (no connection, circuit open, no permit) is not counted. */
  readonly attempts: number;
  /** Longest pause after the first failed try; it doubles with every further one. */
  readonly baseDelayMs: number;
  /** What it doubles up to. */
  readonly maxDelayMs: number;
  /** Counted from the offer. */
  readonly expiresAfterMs: number;
  /** Doing it twice is the same as doing it once; else an unknown outcome ends it. */
  readonly idempotent: boolean;
}

/** @throws RangeError for a number that makes no sense; the message names it */
export function checkWork(work: DeferredWork): void {
  checkAmount('bytes', work.bytes);
  checkCount('attempts', work.attempts);
  checkAmount('baseDelayMs', work.baseDelayMs);
  checkAmount('maxDelayMs', work.maxDelayMs);
  checkAmount('expiresAfterMs', work.expiresAfterMs);
}
