/**
 * The outermost policy: whatever happens inside, the caller has an answer by its deadline, or at once when it gives up.
 */
import { RedisError } from '../redis-error.js';

/** How far an operation has come; tells what a passed deadline means. */
export interface Progress {
  /** Something was sent that may have been executed. */
  sent: boolean;
  /** The caller has its answer: nothing more may be sent, or the answer would be a lie. */
  over: boolean;
}

/** The bounds of an operation. */
export interface Bounds {
  /** For messages. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The result of `work`, unless the deadline passes or the signal aborts first; `work` is then left to end by itself.
 *
 * @throws RedisError TIMEOUT or ABORTED: `unknown` once something was sent, `not-executed` before
 */
export function awaitBounded<T>(bounds: Bounds, work: (progress: Progress) => Promise<T>): Promise<T> {
  const { name, timeoutMs, signal } = bounds;
  const progress: Progress = { sent: false, over: false };
  const failure = (code: string, why: string): RedisError =>
    progress.sent
      ? new RedisError('unknown', code, `${name} may have been executed: ${why}.`)
      : new RedisError('not-executed', code, `${name} was not executed: ${why}.`);
  if (signal?.aborted === true) return Promise.reject(failure('ABORTED', 'the caller gave up'));
  if (!(timeoutMs > 0)) {
    const given = `timeoutMs is ${String(timeoutMs)}; it must be a number above 0`;
    return Promise.reject(new TypeError(`${name} was not executed: ${given}.`));
  }
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      progress.over = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const abort = (): void => {
      settle();
      reject(failure('ABORTED', 'the caller gave up'));
    };
    const timer = setTimeout(() => {
      settle();
      reject(failure('TIMEOUT', `its deadline of ${String(timeoutMs)} ms has passed`));
    }, timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    work(progress).then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
  });
}

/** A command that was sent and not answered in time. */
export function timedOut(name: string, limitMs: number): RedisError {
  const limit = `${String(Math.round(limitMs))} ms`;
  return new RedisError(
    'unknown',
    'TIMEOUT',
    `${name} may have been executed: Redis did not answer within ${limit}.`,
  );
}
