/**
 * Transactions of this package, and those that begin with the fence. Shared by the saver and the store.
 */
import type { Socket } from 'node:net';
import type pg from 'pg';

/** A statement with its values; of the same name always the same text. */
export interface Statement {
  /** Prepared under this name. Without one it is parsed every time. */
  readonly name?: string;
  readonly text: string;
  readonly values: unknown[];
}

/** Says whether writes may happen, inside their transaction. */
export type Fence = AskingFence | HoldingFence;

/** Decides in the transaction, right after BEGIN; throws what the writer is to be told. */
export type AskingFence = (client: pg.PoolClient) => Promise<void>;

/** A statement that need not be waited for: it goes out together with the writes, or is part of them. */
export interface HoldingFence {
  /** SQL with a row while attempt $2 of run $1 may write, locked until the end of the transaction. */
  readonly text: string;
  readonly values: readonly [runId: string, attempt: number];
  /** What it means to the writer that there is no row. */
  readonly refusal: () => Error;
}

/**
 * SQL that divides by zero unless the fence has a row: Postgres refuses whatever follows a failed statement of a transaction, and takes its
 * COMMIT for a ROLLBACK.
 */
function failUnlessHeld({ text, values }: HoldingFence): Statement {
  return {
    name: 'fence',
    text: `SELECT 1 / (SELECT count(*) FROM (${text}) AS allowed)`,
    values: [...values],
  };
}

/** SQLSTATE `division_by_zero`. Source: PostgreSQL documentation, appendix A. */
const DIVISION_BY_ZERO = '22012';

/**
 * BEGIN, the fence, the statements, COMMIT.
 *
 * @returns the results of the statements
 * @throws what the fence says, or the error of the statement that failed, rolled back; for an error of the connection the outcome is unknown
 */
export async function inFencedTransaction(
  pool: pg.Pool,
  fence: Fence,
  statements: readonly Statement[],
): Promise<pg.QueryResult[]> {
  if (typeof fence !== 'function') return sendTogether(pool, fence, statements);
  return inTransaction(pool, async (client) => {
    await fence(client);
    const results: pg.QueryResult[] = [];
    for (const statement of statements) results.push(await client.query(statement));
    return results;
  });
}

async function sendTogether(
  pool: pg.Pool,
  fence: HoldingFence,
  statements: readonly Statement[],
): Promise<pg.QueryResult[]> {
  const client = await pool.connect();
  let isBroken = true;
  const onError = (): void => undefined;
  client.on('error', onError);
  try {
    const parts = [{ text: 'BEGIN' }, failUnlessHeld(fence), ...statements, { text: 'COMMIT' }];
    const answers = await Promise.allSettled(
      inOneWrite(client, () => parts.map((part) => client.query(part))),
    );
    // Whatever follows the first failure failed because of it.
    const [, fenced, ...others] = answers;
    if (fenced?.status === 'rejected' && isRefusal(fenced.reason)) throw fence.refusal();
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (failed) throw failed.reason;
    isBroken = false;
    return others.slice(0, -1).flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  } finally {
    client.off('error', onError);
    client.release(isBroken);
  }
}

/** One system call instead of one for each message: they cost more than all else that is done for a small statement. */
function inOneWrite<T>(client: pg.PoolClient, send: () => T): T {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}

function isRefusal(error: unknown): boolean {
  return (error as { code?: string }).code === DIVISION_BY_ZERO;
}

/**
 * BEGIN, `action`, COMMIT, on a connection of its own.
 *
 * @throws what the action throws, rolled back; for an error of the connection the outcome is unknown
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  action: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A borrowed client has no listener of the pool: without one its loss would end the process.
  const onError = (error: Error): void => void (broken = error);
  client.on('error', onError);
  try {
    await client.query('BEGIN');
    const result = await action(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A connection that cannot roll back is in an unknown state and must not return to the pool.
    await client.query('ROLLBACK').catch(onError);
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
