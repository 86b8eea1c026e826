/**
 * Locks a run and reads what the transition that follows decides on. A statement of its own: a single one would decide
 * on a snapshot taken before the lock was granted.
 *
 * Raw SQL because Prisma has no row locks. $1 run id.
 */
import type { RunColumns } from '../transitions/expression.js';

export const LOCK_RUN = `
SELECT status, attempt, crashes, worker_id,
  extract(epoch FROM cancel_requested_at)::float8 * 1000 AS cancel_requested_at, cancel_action
FROM run
WHERE run_id = $1
FOR UPDATE`;

export type LockedRunRow = Pick<
  RunColumns,
  'status' | 'attempt' | 'crashes' | 'worker_id' | 'cancel_requested_at' | 'cancel_action'
>;
