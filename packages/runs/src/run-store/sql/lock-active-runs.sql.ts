/**
 * Locks the active runs of a thread, by id, for the thread rules of create.
 *
 * Raw SQL because Prisma has no row locks. $1 thread id.
 */
export const LOCK_ACTIVE_RUNS = `
SELECT run_id, status, attempt, worker_id
FROM run
WHERE thread_id = $1 AND status IN ('pending', 'running')
ORDER BY run_id
FOR UPDATE`;

export interface ActiveRunRow {
  run_id: string;
  status: 'pending' | 'running';
  attempt: number;
  worker_id: string | null;
}
