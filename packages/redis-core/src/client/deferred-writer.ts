/**
 * Writes that may be done later: done now if Redis is there, in line if they are critical, by the recovery queue if they can
 * wait, and not at all, but counted, if nobody will miss them. The answer always says which of these it was.
 */
import { RecoveryQueue } from '../policies/recovery-queue.js';
import type { DeferredOutcome } from '../policies/recovery-queue.js';
import { mayRetry, retry } from '../policies/retry.js';
import { RedisError } from '../redis-error.js';
import { awaitBounded } from './bounded.js';
import type { PolicySettings } from './client-settings.js';
import type { OperationPriority } from './operation-options.js';
import type { OperationStats } from './operation-stats.js';
import type { ServiceGate } from './service-gate.js';

/** How a write is done. Times are in milliseconds. */
export interface StoreOptions {
  /** Default `normal`. */
  readonly priority?: OperationPriority;
  /** Tries in all. Default: `criticalAttempts` (3) in line, `deferredAttempts` (8) for what is deferred. */
  readonly attempts?: number;
  /** Longest pause before the second try, doubling. Default 20 in line, 500 deferred. */
  readonly baseDelayMs?: number;
  /** Longest pause between tries. Default 1,000 in line, 30,000 deferred. */
  readonly maxDelayMs?: number;
  /** Whether doing it twice is the same as doing it once. Default true; with false an unknown outcome ends it. */
  readonly idempotent?: boolean;
  /** What the write holds in memory while it waits. Default 256. */
  readonly bytes?: number;
  /** Deferred work that is older is dropped as `expired`. Default: the setting `deferredExpiresAfterMs`. */
  readonly expiresAfterMs?: number;
  /** Deadline in line, for `critical`. Default: `attempts` times the operation timeout. */
  readonly timeoutMs?: number;
  /** Ends the wait of a `critical` write; the others do not wait. */
  readonly signal?: AbortSignal;
}

/** What became of a write. */
export type StoreResult<T> =
  | { readonly state: 'stored'; readonly value: T }
  /** It waits for Redis; `outcome` never rejects and says later what became of it. In memory only. */
  | { readonly state: 'deferred'; readonly outcome: Promise<DeferredOutcome> }
  /** Priority `low`: it was not done and will not be. */
  | { readonly state: 'dropped'; readonly error: RedisError };

const DEFAULT_BYTES = 256;

export class DeferredWriter {
  readonly queue: RecoveryQueue;

  constructor(
    private readonly settings: PolicySettings & { readonly operationTimeoutMs: number },
    private readonly gate: ServiceGate,
    private readonly stats: OperationStats,
  ) {
    this.queue = new RecoveryQueue({
      maxEntries: settings.deferredMaxEntries,
      maxBytes: settings.deferredMaxBytes,
    });
  }

  /**
   * Does a write now or later.
   *
   * @param key writes of one key are done in the order of their calls
   * @throws whatever `write` throws that no later try can mend; for `critical` also the last failure of its tries
   */
  async store<T>(
    key: string,
    write: (signal: AbortSignal) => Promise<T>,
    options: StoreOptions = {},
  ): Promise<StoreResult<T>> {
    const { priority = 'normal', idempotent = true } = options;
    checkAttempts(options.attempts);
    if (priority === 'critical') return { state: 'stored', value: await this.inLine(key, write, options) };
    const isDeferrable = priority !== 'low';
    const attempts = options.attempts ?? this.settings.deferredAttempts;
    if (isDeferrable && this.queue.has(key)) return this.defer(key, write, options, attempts);
    try {
      return { state: 'stored', value: await write(new AbortController().signal) };
    } catch (error) {
      if (!mayRetry(error, idempotent)) throw error;
      // Only what may have been executed was a try.
      const left = error instanceof RedisError && error.outcome === 'unknown' ? attempts - 1 : attempts;
      if (isDeferrable && left === 0) throw error;
      if (isDeferrable) return this.defer(key, write, options, left);
      this.stats.droppedLow += 1;
      return { state: 'dropped', error: error as RedisError };
    }
  }

  private inLine<T>(
    key: string,
    write: (signal: AbortSignal) => Promise<T>,
    options: StoreOptions,
  ): Promise<T> {
    const { settings } = this;
    const attempts = options.attempts ?? settings.criticalAttempts;
    const timeoutMs = options.timeoutMs ?? attempts * settings.operationTimeoutMs;
    const { idempotent = true, signal } = options;
    const name = `The critical write of ${key}`;
    const deadline = performance.now() + timeoutMs;
    return awaitBounded({ name, timeoutMs, signal }, async (progress) => {
      // What was deferred before must not be done after it.
      if (this.queue.has(key)) await this.queue.idle(key);
      return retry(
        () => {
          progress.sent = true;
          return write(signal ?? new AbortController().signal);
        },
        {
          idempotent,
          attempts,
          baseDelayMs: options.baseDelayMs ?? settings.retryBaseDelayMs,
          maxDelayMs: options.maxDelayMs ?? settings.retryMaxDelayMs,
          deadline,
          ...(signal === undefined ? {} : { signal }),
          beforeRetry: async (error, remainingMs) => {
            progress.sent = error.outcome !== 'not-executed';
            await this.gate.pass({ name, remainingMs, throughOpenCircuit: true, signal });
          },
        },
      );
    });
  }

  private defer<T>(
    key: string,
    write: (signal: AbortSignal) => Promise<unknown>,
    options: StoreOptions,
    attempts: number,
  ): StoreResult<T> {
    const { settings } = this;
    const outcome = this.queue.offer({
      key,
      priority: options.priority === 'high' ? 'high' : 'normal',
      bytes: options.bytes ?? DEFAULT_BYTES,
      write,
      attempts,
      baseDelayMs: options.baseDelayMs ?? settings.deferredBaseDelayMs,
      maxDelayMs: options.maxDelayMs ?? settings.deferredMaxDelayMs,
      expiresAfterMs: options.expiresAfterMs ?? settings.deferredExpiresAfterMs,
      idempotent: options.idempotent ?? true,
    });
    return { state: 'deferred', outcome };
  }
}

function checkAttempts(attempts: number | undefined): void {
  if (attempts === undefined || (Number.isInteger(attempts) && attempts >= 1)) return;
  throw new RangeError(
    `attempts is ${String(attempts)}; it counts every try, so it must be a whole number of at least 1.`,
  );
}
