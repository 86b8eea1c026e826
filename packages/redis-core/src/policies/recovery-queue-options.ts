/**
 * The limits of a recovery queue, and what it tells about itself.
 */
import { systemClock } from './clock.js';
import type { Clock } from './clock.js';
import type { DeferredPriority, DropReason } from './deferred-work.js';
import { checkAmount, checkCount } from './numbers.js';

/** Limits of a recovery queue. */
export interface RecoveryQueueOptions {
  /** Entries at most, those that run included. Default 10,000. */
  readonly maxEntries?: number;
  /** Bytes at most. Default 16 MiB. */
  readonly maxBytes?: number;
  /** Entries that run at the same time. Default 16. */
  readonly concurrency?: number;
  /**
   * Time from 1 to `concurrency` at the same time, in equal steps, milliseconds; 0: at once. Default 2,000: a server that has
   * just come back has its caches cold and all processes before it.
   */
  readonly rampMs?: number;
  readonly clock?: Clock;
  /** For the jitter of the pauses: 0 to 1. */
  readonly random?: () => number;
}

/** State of a recovery queue; the counts are since it was made, those of `dropped` by the priority of the offer. */
export interface RecoveryQueueInfo {
  readonly entries: number;
  readonly bytes: number;
  readonly running: number;
  /** Age of the oldest entry; 0 without one. */
  readonly oldestMs: number;
  readonly dropped: Record<DeferredPriority, number>;
  readonly expired: number;
  readonly stored: number;
  readonly failed: number;
}

/** Called for each dropped entry. */
export type DroppedListener = (key: string, priority: DeferredPriority, reason: DropReason) => void;

/**
 * Fills in the defaults.
 *
 * @throws RangeError for a number that makes no sense; the message names it
 */
export function resolveQueueOptions(options: RecoveryQueueOptions): Required<RecoveryQueueOptions> {
  const resolved = {
    maxEntries: options.maxEntries ?? 10_000,
    maxBytes: options.maxBytes ?? 16 * 1024 * 1024,
    concurrency: options.concurrency ?? 16,
    rampMs: options.rampMs ?? 2_000,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
  for (const name of ['maxEntries', 'maxBytes', 'concurrency'] as const) checkCount(name, resolved[name]);
  checkAmount('rampMs', resolved.rampMs);
  return resolved;
}
