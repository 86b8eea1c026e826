/**
 * Repeats what failed, if it may be repeated and there is time: the one place that decides both.
 */
import { RedisError } from '../redis-error.js';
import { fullJitterDelayMs } from './backoff.js';
import { systemClock } from './clock.js';
import type { Clock } from './clock.js';
import { checkAmount, checkCount } from './numbers.js';
import type { RetryBudget } from './retry-budget.js';

/** How {@link retry} repeats. Times are in milliseconds. */
export interface RetryOptions {
  /** Doing it twice is the same as doing it once; only then is it repeated after an unknown outcome. */
  readonly idempotent: boolean;
  /** Tries in all, the first included. */
  readonly attempts: number;
  /** Longest pause after the first try; it doubles with every further one. Default 20. */
  readonly baseDelayMs?: number;
  /** Longest pause. Default 1,000. */
  readonly maxDelayMs?: number;
  /** Moment of `clock` at which nothing new may begin. */
  readonly deadline: number;
  /** Shared by all operations; without a token nothing is repeated. */
  readonly budget?: RetryBudget;
  /** Ends a pause at once. What `operation` does about it is its own affair. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Awaited after the pause, for example for a connection; must end within `remainingMs`. A rejection ends it all. */
  readonly beforeRetry?: (error: RedisError, remainingMs: number) => Promise<void>;
}

/** Refusals that are the caller's own doing, or its own overload: repeating them at once would only add to it. */
const NOT_REPEATED = new Set([
  'ABORTED',
  'CLOSED',
  'PERMIT_QUEUE_FULL',
  'PERMIT_TIMEOUT',
  'BATCHER_FULL',
  'CIRCUIT_ISOLATED',
]);

/**
 * Whether an operation that failed like this may be repeated: after `not-executed` any, after `unknown` an idempotent one,
 * after `definitive` or an error that is not a {@link RedisError} none.
 */
export function mayRetry(error: unknown, idempotent: boolean): boolean {
  if (!(error instanceof RedisError) || NOT_REPEATED.has(error.code)) return false;
  return error.outcome === 'not-executed' || (error.outcome === 'unknown' && idempotent);
}

/**
 * Calls `operation` until it succeeds, fails for good, or there are no tries, no time or no tokens left.
 *
 * @param operation gets the number of the try, 1 first
 * @throws RangeError for `attempts` that is not a whole number of at least 1, or a pause that is not a number
 * @throws what the last try threw. When an earlier try may have been executed, a `not-executed` of a later one becomes
 *   `unknown`: the operation as a whole may have been executed
 */
export async function retry<T>(
  operation: (attempt: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { idempotent, attempts, deadline, signal, clock = systemClock } = options;
  const backoff = { baseDelayMs: options.baseDelayMs ?? 20, maxDelayMs: options.maxDelayMs ?? 1_000 };
  checkCount('attempts', attempts);
  checkAmount('baseDelayMs', backoff.baseDelayMs);
  checkAmount('maxDelayMs', backoff.maxDelayMs);
  let mayBeExecuted = false;
  for (let attempt = 1; ; attempt += 1) {
    if (signal?.aborted === true) throw aborted(mayBeExecuted);
    let failure: RedisError;
    try {
      return await operation(attempt);
    } catch (error) {
      const last = asWhole(error, mayBeExecuted);
      if (attempt >= attempts || !mayRetry(error, idempotent)) throw last;
      failure = last as RedisError;
    }
    mayBeExecuted ||= failure.outcome === 'unknown';
    const delayMs = fullJitterDelayMs(attempt, backoff, options.random);
    // A pause that would end at the deadline could only be followed by a failure: the caller may as well have it now.
    if (!(clock.now() + delayMs < deadline)) throw failure;
    if (options.budget?.tryRetry() === false) throw failure;
    await pause(delayMs, clock, signal, () => aborted(mayBeExecuted, failure));
    try {
      await options.beforeRetry?.(failure, Math.max(0, deadline - clock.now()));
    } catch (error) {
      throw asWhole(error, mayBeExecuted);
    }
    if (!(clock.now() < deadline)) throw failure;
  }
}

/** The failure of one try as the failure of all of them. */
function asWhole(error: unknown, mayBeExecuted: boolean): unknown {
  if (!mayBeExecuted || !(error instanceof RedisError) || error.outcome !== 'not-executed') return error;
  const message = `${error.message} An earlier try may have been executed.`;
  return new RedisError('unknown', error.code, message, { cause: error });
}

function aborted(mayBeExecuted: boolean, cause?: RedisError): RedisError {
  const [outcome, done] = mayBeExecuted
    ? (['unknown', 'an earlier try may have been executed'] as const)
    : (['not-executed', 'nothing was executed'] as const);
  return new RedisError(outcome, 'ABORTED', `The caller gave up between two tries; ${done}.`, { cause });
}

function pause(ms: number, clock: Clock, signal: AbortSignal | undefined, onAbort: () => RedisError) {
  return new Promise<void>((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(onAbort());
      return;
    }
    const abort = (): void => {
      clock.clearTimeout(timer);
      reject(onAbort());
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
