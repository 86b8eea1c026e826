/**
 * Locks a run and reads what the transition that follows decides on. A statement of its own: a single one would decide
 * on a snapshot taken before the lock was granted.
 *
 * Raw SQL because Prisma has no row locks. $1 run id.
 */
import type { CancelAction, RunStatus } from '@longrun/contracts';

export const LOCK_RUN = `
SELECT status, attempt, crashes, worker_id, cancel_requested_at IS NOT NULL AS cancel_requested, cancel_action
FROM run
WHERE run_id = $1
FOR UPDATE`;

export interface LockedRunRow {
  status: RunStatus;
  attempt: number;
  crashes: number;
  worker_id: string | null;
  cancel_requested: boolean;
  cancel_action: CancelAction | null;
}
