/**
 * Transition `create`: the run, its number in the thread, and the thread's new status, in one statement. A run that may start now is
 * dispatched in the same breath, so that no second statement is needed.
 *
 * Two ways to the number: under the lock of a thread whose runs have been looked at; and alone, on a thread without active runs, which the
 * statement itself locks and looks at, or makes. The second needs no transaction around it.
 *
 * Raw SQL because both rows change in one round trip.
 * $1 run id, $2 thread id, $3 assistant id, $4 graph id, $5 multitask strategy, $6 kwargs (JSON text), $7 metadata (JSON
 * text), $8 priority, $9 seconds until due, $10 metadata to merge into the thread (JSON text), $11 config of the thread (JSON text), $12 webhook,
 * $13 limits (JSON text), $14 stamp of the assistant for which kwargs and metadata were made, or null, $15 trace context as text, or
 * null.
 */
import { RUN_TRANSITIONS } from '../transitions/run-transitions.js';
import { valueSql } from '../transitions/to-sql.js';
import { mustWait } from './limits.sql.js';

const { due_at, dispatch, dispatched_at } = RUN_TRANSITIONS.create.set;
const NEW = { arguments: { seconds: '$9', waits: 'wait.waits' } };

/** What a run changes in its thread. */
const NUMBER = `last_run_order = last_run_order + 1, status = 'busy', updated_at = now(),
      metadata = thread.metadata || $10::jsonb, config = $11::jsonb,
      expires_at = now() + make_interval(secs => ttl_minutes * 60)`;

/** Otherwise nothing is written: the assistant was read some time ago. */
const ASSISTANT_IS_THE_SAME = `($14::text IS NULL OR EXISTS (
    SELECT 1 FROM assistant WHERE assistant_id = $3 AND hidden_at IS NULL AND updated_at = $14::timestamptz))`;

const ANOTHER_GOES_FIRST = `EXISTS (
    SELECT 1 FROM run AS other
    WHERE other.thread_id = $2
      AND (other.status = 'running' OR (other.status = 'pending' AND (other.attempt > 0 OR other.due_at <= now())))
  )`;

/** @param others SQL for whether the run has to wait for another of its thread */
const insertRun = (others: string): string => `wait AS (
  SELECT $9::double precision > 0 OR ${others} OR ${mustWait('$13::jsonb')} AS waits
), inserted AS (
  INSERT INTO run (run_id, thread_id, assistant_id, graph_id, multitask_strategy, kwargs, metadata, priority,
    due_at, created_at, thread_order, dispatch, dispatched_at, webhook, limits, traceparent)
  SELECT $1, $2, $3, $4, $5, $6::json, $7::jsonb, $8,
    ${valueSql(due_at, NEW)}, now() + make_interval(secs => $9),
    numbered.last_run_order,
    ${valueSql(dispatch, NEW)}, ${valueSql(dispatched_at, NEW)}, $12, $13::jsonb, $15
  FROM numbered, wait
  RETURNING dispatch, created_at, updated_at
)`;

/** Under {@link LOCK_THREAD}. */
export const INSERT_RUN = `
WITH numbered AS (
  UPDATE thread SET ${NUMBER} WHERE thread_id = $2 AND ${ASSISTANT_IS_THE_SAME} RETURNING last_run_order
), ${insertRun(ANOTHER_GOES_FIRST)}
SELECT dispatch, created_at, updated_at FROM inserted`;

/**
 * On a thread that is not busy, so that no run of it is active, or on one that is made here. The lock hands over the newest version of the
 * thread's row, whatever the statement's snapshot holds. One row always; without an insert it says what is there.
 *
 * $16 configs and $17 metadata (JSON texts) of the thread for which kwargs and metadata of the run were made, $18 whether a thread that does
 * not exist is made, for such a run that of an empty one, $19 whether it is temporary, $20 its metadata (JSON text).
 */
export const INSERT_RUN_ALONE = `
WITH target AS MATERIALIZED (
  SELECT thread_id, metadata, config, status, hidden_at FROM thread WHERE thread_id = $2 FOR UPDATE
), taken AS (
  UPDATE thread SET ${NUMBER}
  FROM target
  WHERE thread.thread_id = target.thread_id AND target.status <> 'busy' AND target.hidden_at IS NULL
    AND target.config = ANY($16::jsonb[]) AND target.metadata = ANY($17::jsonb[]) AND ${ASSISTANT_IS_THE_SAME}
  RETURNING last_run_order
), made AS (
  INSERT INTO thread (thread_id, temporary, status, metadata, config, last_run_order)
  SELECT $2, $19, 'busy', $20::jsonb, $11::jsonb, 1
  WHERE $18 AND NOT EXISTS (SELECT 1 FROM target) AND ${ASSISTANT_IS_THE_SAME}
  ON CONFLICT (thread_id) DO NOTHING
  RETURNING last_run_order
), numbered AS (
  SELECT last_run_order FROM taken UNION ALL SELECT last_run_order FROM made
), ${insertRun('false')}
SELECT inserted.dispatch, inserted.created_at, inserted.updated_at,
  CASE WHEN inserted.dispatch IS NULL THEN target.metadata END AS thread_metadata,
  CASE WHEN inserted.dispatch IS NULL THEN target.config END AS thread_config,
  COALESCE(target.status <> 'busy' AND target.hidden_at IS NULL, false) AS idle
FROM (SELECT 1) AS always LEFT JOIN target ON true LEFT JOIN inserted ON true`;

export interface InsertedRunRow {
  dispatch: number;
  created_at: Date;
  updated_at: Date;
}

/** Without an insert: what the thread is like, if there is one. */
type NotInsertedRow = { dispatch: null } & (
  | { idle: true; thread_metadata: Record<string, unknown>; thread_config: Record<string, unknown> }
  | { idle: false }
);

export type AloneRow = InsertedRunRow | NotInsertedRow;
