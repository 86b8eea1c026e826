/**
 * A recovery queue on a clock that stands still, and work for it.
 */
import { RecoveryQueue } from '../src/policies/recovery-queue.js';
import type { DeferredOutcome, DeferredWork, RecoveryQueueOptions } from '../src/policies/recovery-queue.js';
import { RedisError } from '../src/redis-error.js';
import { VirtualClock } from './virtual-clock.js';

export const LOADING = new RedisError('not-executed', 'LOADING', 'loading');

/** A queue, the order in which its writes were called, and a way to offer work with little to say. */
export function queue(options: RecoveryQueueOptions = {}) {
  const clock = new VirtualClock();
  const made = new RecoveryQueue({ rampMs: 0, clock, random: () => 1, ...options });
  const calls: string[] = [];
  const outcomes: Record<string, DeferredOutcome> = {};
  const offer = (name: string, work: Partial<DeferredWork> = {}): Promise<DeferredOutcome> => {
    const { write = () => Promise.resolve() } = work;
    const outcome = made.offer({
      key: name,
      priority: 'normal',
      bytes: 1,
      attempts: 3,
      baseDelayMs: 100,
      maxDelayMs: 1_000,
      expiresAfterMs: 60_000,
      idempotent: true,
      ...work,
      write: (signal) => {
        calls.push(name);
        return write(signal);
      },
    });
    void outcome.then((decided) => {
      outcomes[name] = decided;
    });
    return outcome;
  };
  return { clock, queue: made, calls, outcomes, offer };
}

/** A write that settles when it is told to. */
export function controlled() {
  let resolve = (): void => undefined;
  let reject = (_error: unknown): void => undefined;
  let signal: AbortSignal | undefined;
  const write = (given: AbortSignal): Promise<void> => {
    signal = given;
    return new Promise((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
  };
  return {
    write,
    succeed: () => {
      resolve();
    },
    fail: (error: unknown) => {
      reject(error);
    },
    signal: () => signal,
  };
}

/** Fails with each of these in turn, then succeeds. */
export function failing(...failures: unknown[]): () => Promise<void> {
  return async () => {
    if (failures.length > 0) throw failures.shift();
  };
}
