/**
 * Transactions of this package, and those that begin with the fence. Shared by the saver and the store.
 */
import type pg from 'pg';

/** Runs inside the write's transaction right after BEGIN; throws LongrunError RUN_FENCED. */
export type Fence = (client: pg.PoolClient) => Promise<void>;

/** BEGIN, the fence, `action`, COMMIT. Throws as `inTransaction`, and what the fence throws. */
export function inFencedTransaction<T>(
  pool: pg.Pool,
  fence: Fence,
  action: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return inTransaction(pool, async (client) => {
    await fence(client);
    return action(client);
  });
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
