/**
 * Transition `redispatch`, by reconcile: runs that may run and were not dispatched for a while get a new queue entry, unless the queue says that
 * they wait there. An entry too many is a no-op at the claim.
 *
 * Raw SQL: SKIP LOCKED lets any number of sweepers share the work.
 */
import { isBlocked, isBlockedAlone } from '../transitions/blocked.js';
import { RUN_TRANSITIONS } from '../transitions/run-transitions.js';
import { assignmentsSql, guardSql } from '../transitions/to-sql.js';

const { redispatch } = RUN_TRANSITIONS;

/** So many times longer a run may wait whose entry is in the queue: after that not even the queue is believed. */
const PATIENCE = 10;

const IS_DUE = `${guardSql(redispatch, { row: 'mine', arguments: { seconds: '$1' } })}
    AND (mine.dispatched_at IS NOT NULL OR mine.limits = '{}'::jsonb)
    AND NOT ${isBlocked('mine')}`;

/**
 * Those that are due, the first in line first, and whether each may still wait if its entry does. A long queue hides the runs behind the first
 * ones, which would not be fetched before these. $1 seconds, $2 rows at most.
 */
export const FIND_DUE_RUNS = `
SELECT mine.run_id, mine.dispatch, COALESCE(NOT (${guardSql(redispatch, { row: 'mine', arguments: { seconds: `(${PATIENCE} * $1::float8)` } })}), true)
    AND mine.dispatched_at IS NOT NULL AS may_wait
  FROM run AS mine
  WHERE ${IS_DUE}
  ORDER BY mine.priority, mine.due_at
  LIMIT $2`;

/** $1 seconds, $2 run ids. */
export const DISPATCH_DUE_RUNS = `
WITH lost AS (
  SELECT mine.run_id FROM run AS mine
  WHERE mine.run_id = ANY($2::uuid[]) AND ${IS_DUE}
  ORDER BY mine.priority, mine.due_at
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

export interface DueRunRow {
  run_id: string;
  dispatch: number;
  may_wait: boolean;
}
