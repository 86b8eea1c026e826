/**
 * Transition `create`: the run, its number in the thread, and the thread's new status, in one statement under the
 * thread's lock. A run that may start now is dispatched in the same breath, so that no second statement is needed.
 *
 * Raw SQL because both rows change in one round trip.
 * $1 run id, $2 thread id, $3 assistant id, $4 graph id, $5 multitask strategy, $6 kwargs (JSON text), $7 metadata (JSON
 * text), $8 priority, $9 seconds until due, $10 metadata to merge into the thread (JSON text), $11 config of the thread (JSON text), $12 webhook,
 * $13 limits (JSON text).
 */
import { RUN_TRANSITIONS } from '../transitions/run-transitions.js';
import { valueSql } from '../transitions/to-sql.js';
import { mustWait } from './limits.sql.js';

const { due_at, dispatch, dispatched_at } = RUN_TRANSITIONS.create.set;
const NEW = { arguments: { seconds: '$9', waits: 'wait.waits' } };

export const INSERT_RUN = `
WITH numbered AS (
  UPDATE thread
  SET last_run_order = last_run_order + 1, status = 'busy', updated_at = now(),
      metadata = metadata || $10::jsonb, config = $11::jsonb,
      expires_at = now() + make_interval(secs => ttl_minutes * 60)
  WHERE thread_id = $2
  RETURNING last_run_order
), wait AS (
  SELECT $9::double precision > 0 OR EXISTS (
    SELECT 1 FROM run AS other
    WHERE other.thread_id = $2
      AND (other.status = 'running' OR (other.status = 'pending' AND (other.attempt > 0 OR other.due_at <= now())))
  ) OR ${mustWait('$13::jsonb')} AS waits
)
INSERT INTO run (run_id, thread_id, assistant_id, graph_id, multitask_strategy, kwargs, metadata, priority,
  due_at, created_at, thread_order, dispatch, dispatched_at, webhook, limits)
SELECT $1, $2, $3, $4, $5, $6::json, $7::jsonb, $8,
  ${valueSql(due_at, NEW)}, now() + make_interval(secs => $9),
  numbered.last_run_order,
  ${valueSql(dispatch, NEW)}, ${valueSql(dispatched_at, NEW)}, $12, $13::jsonb
FROM numbered, wait
RETURNING dispatch, created_at, updated_at`;

export interface InsertedRunRow {
  dispatch: number;
  created_at: Date;
  updated_at: Date;
}
