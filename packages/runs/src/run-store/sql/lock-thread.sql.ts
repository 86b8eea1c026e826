/**
 * Locks a thread, the first lock of every transition that touches more than one run. Locks are taken in one order
 * everywhere: the thread's row, then rows of runs by id.
 *
 * Raw SQL because Prisma has no row locks. $1 thread id.
 */
export const LOCK_THREAD = `
SELECT thread_id, metadata, config, temporary, hidden_at IS NOT NULL AS hidden, last_run_order::int AS last_run_order
FROM thread
WHERE thread_id = $1
FOR UPDATE`;

export interface LockedThreadRow {
  thread_id: string;
  metadata: Record<string, unknown>;
  config: Record<string, unknown>;
  temporary: boolean;
  hidden: boolean;
  last_run_order: number;
}
