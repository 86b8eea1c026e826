/**
 * Limits of runs at a time. A run carries the keys that it counts against, each with its limit; what is executed or on its way through the
 * queue counts. So a key holds no more of the queue than its limit, however many of its runs wait, and other keys get their turn.
 *
 * Raw SQL: counts per key, windows, and advisory locks.
 */
import { isBlocked } from '../transitions/blocked.js';
import { RUN_TRANSITIONS } from '../transitions/run-transitions.js';
import { assignmentsSql, guardSql } from '../transitions/to-sql.js';

const { dispatch, holdBack } = RUN_TRANSITIONS;

/** SQL: whether the run of this alias counts. The predicate of the index `run_limited_on_its_way`. */
function isOnItsWay(run: string): string {
  return `(${run}.limits <> '{}'::jsonb AND (${run}.status = 'running' OR (${run}.status = 'pending' AND ${run}.dispatched_at IS NOT NULL)))`;
}

/**
 * SQL: whether one of the keys of `limits` is used up.
 *
 * @param limits SQL for the run's limits
 * @param counts SQL for which runs count
 */
function isUsedUp(limits: string, counts: string): string {
  return `EXISTS (
    SELECT 1 FROM jsonb_each_text(${limits}) AS own(key, most)
    WHERE (SELECT count(*) FROM run AS other WHERE other.limits ? own.key AND ${counts}) >= own.most::int)`;
}

/** Whether a new run has to wait. $n: its limits. */
export function mustWait(limits: string): string {
  return isUsedUp(limits, isOnItsWay('other'));
}

/** Whether a run may not be claimed now: as many are being executed as its keys allow. */
export function isFull(limits: string): string {
  return isUsedUp(limits, `other.limits <> '{}'::jsonb AND other.status = 'running'`);
}

/**
 * Serialises the claims of runs that share a key, to the end of the transaction: without it two of them would count the same free
 * place. $1 run id.
 */
export const LOCK_LIMITS = `
SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM (
  SELECT key FROM run, jsonb_object_keys(limits) AS key WHERE run_id = $1 AND status = 'pending' ORDER BY key) AS keys`;

/** A row when the run waits and has limits. $1 run id. */
export const IS_LIMITED = `SELECT 1 FROM run WHERE run_id = $1 AND status = 'pending' AND limits <> '{}'::jsonb`;

/** Transition `holdBack`: a run that was on its way too early waits for its turn again. $1 run id. */
export const WAIT_FOR_LIMIT = `
UPDATE run SET ${assignmentsSql(holdBack)} WHERE run_id = $1 AND ${guardSql(holdBack)} AND limits <> '{}'::jsonb`;

/**
 * Transition `dispatch` for limited runs: as many as there is room for under each of their keys, in the order of priority and age. $1 keys
 * to look at and $2 thread to look at (both null: all), $3 rows at most.
 */
export const DISPATCH_LIMITED_RUNS = `
WITH used AS (
  SELECT own.key, count(*) AS runs, max(own.most::int) AS most FROM run, jsonb_each_text(limits) AS own(key, most)
  WHERE ${isOnItsWay('run')} GROUP BY own.key
), full_keys AS (
  SELECT COALESCE(array_agg(key), '{}') AS keys FROM used WHERE runs >= most
), waiting AS (
  SELECT mine.run_id, mine.limits, mine.priority, mine.created_at FROM run AS mine
  WHERE mine.limits <> '{}'::jsonb AND ${guardSql(dispatch, { row: 'mine' })} AND mine.dispatched_at IS NULL
    AND ($1::text[] IS NULL OR mine.limits ?| $1 OR mine.thread_id = $2)
    AND NOT mine.limits ?| (SELECT keys FROM full_keys)
    AND NOT ${isBlocked('mine')}
  ORDER BY mine.priority, mine.created_at
  LIMIT $3
), placed AS (
  SELECT waiting.run_id, own.most::int AS most, COALESCE(used.runs, 0) + row_number() OVER (
    PARTITION BY own.key ORDER BY waiting.priority, waiting.created_at, waiting.run_id) AS place
  FROM waiting, jsonb_each_text(waiting.limits) AS own(key, most) LEFT JOIN used ON used.key = own.key
), taken AS (
  SELECT run_id FROM run
  WHERE run_id IN (SELECT run_id FROM placed GROUP BY run_id HAVING bool_and(place <= most))
    AND status = 'pending' AND dispatched_at IS NULL
  FOR UPDATE SKIP LOCKED
)
UPDATE run SET ${assignmentsSql(dispatch)}
FROM taken WHERE run.run_id = taken.run_id
RETURNING run.run_id, run.dispatch, run.priority`;
