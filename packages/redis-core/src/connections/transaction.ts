/**
 * Optimistic transactions: WATCH, the caller's reads, MULTI, its writes, EXEC; again when somebody else was faster.
 */
import type { RedisArgument } from './command-channel.js';
import type { ExclusiveConnection } from './exclusive-connection.js';
import type { ExclusiveUseOptions } from './exclusive-pool.js';
import { pause } from './pause.js';
import { transactionDelayMs } from './reconnect-backoff.js';
import { isMoved, RedisError, toRedisError } from '../redis-error.js';

/** Commands to be executed together, each with its arguments. */
export type TransactionWrites = readonly (readonly [name: string, ...args: RedisArgument[]])[];

/** What a transaction reads with, between WATCH and MULTI. */
export type TransactionReads = Pick<ExclusiveConnection, 'call'>;

/** Limits of a transaction. */
export interface TransactionOptions {
  /** Times to try while others change what is watched. Default 3. */
  readonly attempts?: number;
  /** Gives up; what is under way loses its connection. */
  readonly signal?: AbortSignal;
  /** In a cluster, for a transaction that watches nothing: one of the keys that it writes. */
  readonly key?: string;
  /** Limit of all attempts together, in milliseconds. Default: `attempts` times `operationTimeoutMs`. */
  readonly timeoutMs?: number;
}

/** One of the writes was refused. With the outcome `definitive` from EXEC on the others were executed all the same. */
export class TransactionError extends RedisError {
  constructor(
    /** Which write, from 0. */
    readonly index: number,
    failure: RedisError,
    message: string,
  ) {
    super(failure.outcome, failure.code, message, { cause: failure });
    this.name = 'TransactionError';
  }
}

interface Pool {
  use<T>(work: (connection: ExclusiveConnection) => Promise<T>, options: ExclusiveUseOptions): Promise<T>;
}

type Outcome = { readonly kind: 'conflict' } | { readonly kind: 'done'; readonly replies?: unknown[] };

const DEFAULT_ATTEMPTS = 3;

/** See {@link ExclusivePool.transaction}. */
export async function runTransaction(
  pool: Pool,
  operationTimeoutMs: number,
  watchKeys: readonly string[],
  decide: (reads: TransactionReads) => Promise<TransactionWrites | undefined>,
  options: TransactionOptions = {},
): Promise<unknown[] | undefined> {
  const { attempts = DEFAULT_ATTEMPTS, signal } = options;
  const deadline = performance.now() + (options.timeoutMs ?? attempts * operationTimeoutMs);
  const key = watchKeys[0] ?? options.key;
  for (let attempt = 1; ; attempt += 1) {
    const left = Math.max(1, deadline - performance.now());
    const limits: ExclusiveUseOptions = {
      acquireTimeoutMs: Math.min(operationTimeoutMs, left),
      useLimitMs: left,
      ...(signal === undefined ? {} : { signal }),
      ...(key === undefined ? {} : { key }),
    };
    const outcome = await pool
      .use((connection) => attemptOnce(connection, watchKeys, decide), limits)
      .catch((error: unknown): Outcome => {
        // The slot has moved: nothing was executed, and the next attempt goes where it is now.
        if (isMoved(error) && attempt < attempts) return { kind: 'conflict' };
        throw error;
      });
    if (outcome.kind === 'done') return outcome.replies;
    const delayMs = transactionDelayMs(attempt);
    if (attempt >= attempts || performance.now() + delayMs >= deadline) {
      throw new RedisError(
        'not-executed',
        'CONTENDED',
        `The transaction on ${watchKeys.join(', ')} was not executed: other clients changed what it watches in each ` +
          `of ${String(attempt)} attempts.`,
      );
    }
    // The next attempt finds an aborted signal and says so.
    await pause(delayMs, signal);
  }
}

async function attemptOnce(
  connection: ExclusiveConnection,
  watchKeys: readonly string[],
  decide: (reads: TransactionReads) => Promise<TransactionWrites | undefined>,
): Promise<Outcome> {
  if (watchKeys.length > 0) await watch(connection, watchKeys);
  let writes: TransactionWrites | undefined;
  try {
    writes = await decide(connection);
  } catch (error) {
    await unwatch(connection, watchKeys).catch(() => undefined);
    throw error;
  }
  if (writes === undefined) {
    await unwatch(connection, watchKeys);
    return { kind: 'done' };
  }
  const replies = await execute(connection, writes);
  return replies === null ? { kind: 'conflict' } : { kind: 'done', replies };
}

async function watch(connection: ExclusiveConnection, keys: readonly string[]): Promise<void> {
  try {
    await connection.call('WATCH', ...keys);
  } catch (error) {
    const { outcome, code, message } = toRedisError(error, 'WATCH');
    if (outcome !== 'unknown') throw error;
    // Whether the server watches is of no interest: nothing has been written.
    throw new RedisError('not-executed', code, `The transaction has not begun: ${message}`, { cause: error });
  }
}

async function unwatch(connection: ExclusiveConnection, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await connection.call('UNWATCH');
}

/** Sends everything at once. Null when something that is watched has changed. */
async function execute(
  connection: ExclusiveConnection,
  writes: TransactionWrites,
): Promise<unknown[] | null> {
  const begun = connection.call('MULTI');
  const queued = writes.map(([name, ...args]) => connection.call(name, ...args));
  const executed = connection.call('EXEC');
  // Every one of them is settled before this returns: a connection with answers under way cannot be lent on.
  const [, ...answers] = await Promise.allSettled([begun, ...queued]);
  let replies: unknown;
  try {
    replies = await executed;
  } catch (error) {
    if (toRedisError(error, 'EXEC').code !== 'EXECABORT') throw error;
    const index = answers.findIndex(({ status }) => status === 'rejected');
    const refused = answers[index];
    if (refused?.status !== 'rejected') throw error;
    const failure = toRedisError(refused.reason, nameOf(writes, index));
    throw new TransactionError(index, failure, `Nothing was executed: ${describe(writes, index, failure)}`);
  }
  if (!Array.isArray(replies)) return null;
  const index = replies.findIndex((reply) => reply instanceof Error);
  if (index >= 0) {
    const { code, message } = toRedisError(replies[index], nameOf(writes, index));
    const failure = new RedisError('definitive', code, message, { cause: replies[index] });
    throw new TransactionError(
      index,
      failure,
      `The others were executed, but ${describe(writes, index, failure)}`,
    );
  }
  return replies as unknown[];
}

function describe(writes: TransactionWrites, index: number, { message }: RedisError): string {
  return `write ${String(index + 1)} of ${String(writes.length)} was refused. ${message}`;
}

function nameOf(writes: TransactionWrites, index: number): string {
  return writes[index]?.[0] ?? 'EXEC';
}
