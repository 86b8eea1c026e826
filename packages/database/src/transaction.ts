/**
 * Transactions, of one statement or of many, on one pooled connection. A connection on which anything unexpected happened is closed, never
 * returned to the pool.
 */
import type pg from 'pg';
import { isStatementError } from './failure.js';

/**
 * The COMMIT was sent and no answer came: the transaction may stand or not. The caller must find out before it answers
 * or repeats anything.
 */
export class CommitOutcomeUnknownError extends Error {
  readonly commitOutcomeUnknown = true;

  constructor(cause: unknown) {
    super('Postgres did not answer the COMMIT: the transaction may have been committed or not.', { cause });
    this.name = 'CommitOutcomeUnknownError';
  }
}

/** True for a {@link CommitOutcomeUnknownError}, also one of another copy of this package. */
export function isCommitOutcomeUnknown(error: unknown): error is CommitOutcomeUnknownError {
  return typeof error === 'object' && error !== null && 'commitOutcomeUnknown' in error;
}

/**
 * Runs `work` between BEGIN and COMMIT, ROLLBACK when it throws.
 *
 * @throws what `work` throws; the driver's error when a statement fails
 * @throws Error when `work` swallowed the failure of a statement: nothing was committed then
 * @throws CommitOutcomeUnknownError when the COMMIT got no answer
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('BEGIN');
    let result: T;
    try {
      result = await work(client);
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {
        broken = true;
      });
      throw error;
    }
    let ended: pg.QueryResult;
    try {
      ended = await client.query('COMMIT');
    } catch (error) {
      broken = true;
      if (isStatementError(error)) throw error;
      throw new CommitOutcomeUnknownError(error);
    }
    // Postgres answers the COMMIT of a failed transaction with success, and with this word.
    if (ended.command === 'ROLLBACK') {
      throw new Error(
        'The transaction was rolled back: a statement failed in it. Let its error pass through the work.',
      );
    }
    return result;
  } finally {
    client.release(broken);
  }
}

/**
 * Executes one statement that changes something, which is a transaction by itself.
 *
 * @throws the driver's error when the statement fails, or no connection was to be had
 * @throws CommitOutcomeUnknownError when it got no answer
 */
export async function inOneStatement<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  statement: pg.QueryConfig,
): Promise<pg.QueryResult<Row>> {
  const client = await pool.connect();
  let broken = false;
  try {
    return await client.query<Row>(statement);
  } catch (error) {
    if (isStatementError(error)) throw error;
    broken = true;
    throw new CommitOutcomeUnknownError(error);
  } finally {
    client.release(broken);
  }
}
