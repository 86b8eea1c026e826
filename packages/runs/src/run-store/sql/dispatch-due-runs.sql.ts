/**
 * Transition `redispatch`, by reconcile: runs that may run now and were not dispatched for a while get a new queue entry.
 * It does not ask the queue: an entry too many is a no-op at the claim.
 *
 * Raw SQL: SKIP LOCKED lets any number of sweepers share the work. $1 seconds, $2 rows at most.
 */
import { isBlocked, isBlockedAlone } from '../transitions/blocked.js';
import { RUN_TRANSITIONS } from '../transitions/run-transitions.js';
import { assignmentsSql, guardSql } from '../transitions/to-sql.js';

const { redispatch } = RUN_TRANSITIONS;

export const DISPATCH_DUE_RUNS = `
WITH lost AS (
  SELECT mine.run_id FROM run AS mine
  WHERE ${guardSql(redispatch, { row: 'mine', arguments: { seconds: '$1' } })}
    AND (mine.dispatched_at IS NOT NULL OR mine.limits = '{}'::jsonb)
    AND NOT ${isBlocked('mine')}
  ORDER BY mine.priority, mine.due_at
  LIMIT $2
  FOR UPDATE OF mine SKIP LOCKED
)
UPDATE run
SET ${assignmentsSql(redispatch)}
FROM lost
WHERE run.run_id = lost.run_id
RETURNING run.run_id, run.dispatch, run.priority`;

/**
 * SQL: whether there is a run for DISPATCH_DUE_RUNS, or one for DISPATCH_LIMITED_RUNS if it has room: what `redispatch` allows, with limits or
 * without, is what the two dispatch between them.
 *
 * Its plan may be an old one, made when no run was waiting. So it is bound to the index on pending runs by its order, and asks run by run
 * whether one is blocked.
 *
 * @param seconds as `$1` there
 */
export function isAnyRunDue(seconds: string): string {
  return `COALESCE((
    SELECT true FROM run AS mine
    WHERE ${guardSql(redispatch, { row: 'mine', arguments: { seconds } })} AND NOT ${isBlockedAlone('mine')}
    ORDER BY mine.due_at LIMIT 1), false)`;
}

export interface DispatchedRunRow {
  run_id: string;
  dispatch: number;
  priority: number;
}
