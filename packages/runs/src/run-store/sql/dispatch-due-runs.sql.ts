/**
 * Transition `dispatch` by reconcile: runs that may run now and were not dispatched for a while get a new queue entry.
 * It does not ask the queue: an entry too many is a no-op at the claim.
 *
 * The wait doubles with every dispatch (2 s, 4 s, … 64 s): a run that merely waits its turn in a long queue must not fill
 * that queue with copies of itself.
 *
 * Raw SQL: SKIP LOCKED lets any number of sweepers share the work. $1 seconds, $2 rows at most.
 */
import { isBlocked } from './blocked.sql.js';

export const DISPATCH_DUE_RUNS = `
WITH lost AS (
  SELECT mine.run_id FROM run AS mine
  WHERE mine.status = 'pending' AND mine.due_at <= now()
    AND ((mine.dispatched_at IS NULL AND mine.limits = '{}'::jsonb)
      OR mine.dispatched_at < now() - make_interval(secs => $1 * power(2, LEAST(GREATEST(mine.dispatch - 1, 0), 5))))
    AND NOT ${isBlocked('mine')}
  ORDER BY mine.priority, mine.due_at
  LIMIT $2
  FOR UPDATE OF mine SKIP LOCKED
)
UPDATE run
SET dispatch = dispatch + 1, dispatched_at = now()
FROM lost
WHERE run.run_id = lost.run_id
RETURNING run.run_id, run.dispatch, run.priority`;

export interface DispatchedRunRow {
  run_id: string;
  dispatch: number;
  priority: number;
}
