/**
 * Threads whose time to live is over: hidden, so that they are deleted like any other, or left with their newest state alone.
 */
import { PRUNE_CHECKPOINTS } from '@longrun/contracts';
import { inTransaction } from '@longrun/database';
import type pg from 'pg';

/** One batch. $1 rows at most. A run that is active moves the time on when it ends. */
const HIDE_EXPIRED = `
UPDATE thread SET hidden_at = now(), delete_after = now()
WHERE thread_id IN (
  SELECT thread_id FROM thread
  WHERE expires_at <= now() AND hidden_at IS NULL AND status <> 'busy' AND ttl_strategy IS DISTINCT FROM 'keep_latest'
  ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)`;

/** One thread to be pruned; its time begins anew with the next thing that happens to it. */
const TAKE_PRUNABLE = `
UPDATE thread SET expires_at = NULL
WHERE thread_id = (
  SELECT thread_id FROM thread
  WHERE expires_at <= now() AND hidden_at IS NULL AND status <> 'busy' AND ttl_strategy = 'keep_latest'
  ORDER BY expires_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING thread_id`;

/** @returns how many were hidden, at most `limit`. Any number of sweepers may do it at once */
export async function hideExpiredThreads(pool: pg.Pool, limit: number): Promise<number> {
  return (await pool.query(HIDE_EXPIRED, [limit])).rowCount ?? 0;
}

/** Forgets the history of one thread. @returns whether there was one */
export function pruneExpiredThread(pool: pg.Pool): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ thread_id: string }>(TAKE_PRUNABLE);
    if (!rows[0]) return false;
    await client.query(PRUNE_CHECKPOINTS, [rows[0].thread_id]);
    return true;
  });
}
