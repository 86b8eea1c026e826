/**
 * Transition `finish`, the only way to a terminal status: final events and the end record at the next numbers of the
 * log, the status, the webhook, the thread's status and state, and the dispatch of the next run of the thread, in one statement
 * under the locks of thread and run.
 *
 * Raw SQL: five tables' worth of change in one round trip, and the order of the locks matters.
 * $1 run id, $2 thread id, $3 status, $4 error (JSON text or null), $5 names and $6 data of the final events, $7 resting
 * status of the thread (null: as it was before the run), $8 whether the state was read, $9 values and $10 interrupts (JSON text), $11 seconds a temporary thread is kept, $12 why it was
 * cancelled, if nobody had marked it, $13 status for the webhook.
 */
import type { Dispatch } from '../dispatch.js';
import { RUN_TRANSITIONS } from '../transitions/run-transitions.js';
import { assignmentsSql, guardSql } from '../transitions/to-sql.js';
import { appendHistory } from './history.sql.js';
import { isoTime } from './iso-time.sql.js';

const { dispatch, finish } = RUN_TRANSITIONS;

export const FINISH_RUN = `
WITH log AS (
  SELECT COALESCE(max(seq) + 1, 0) AS next_seq FROM run_event WHERE run_id = $1
), ended AS (
  INSERT INTO run_event (run_id, seq, event, data)
  SELECT $1, log.next_seq + final.place - 1, final.event, final.data
  FROM log, unnest($5::text[], $6::text[]) WITH ORDINALITY AS final(event, data, place)
  RETURNING seq, event, data
), finished AS (
  UPDATE run SET ${assignmentsSql(finish, { arguments: { status: '$3::run_status', reason: '$12' } })}, error = $4::jsonb, ended_at = now(), updated_at = now(),
    ${appendHistory('run', `'finish'`, { attempt: 'attempt', worker: 'worker_id', status: '$13::text' })}
  WHERE run_id = $1
  RETURNING *
), outbox AS (
  INSERT INTO webhook_delivery (delivery_id, run_id, thread_id, url, payload)
  SELECT gen_random_uuid(), run_id, thread_id, webhook, json_build_object(
    'run_id', run_id, 'thread_id', thread_id, 'assistant_id', assistant_id,
    'created_at', ${isoTime('created_at')}, 'updated_at', ${isoTime('updated_at')},
    'run_started_at', ${isoTime('started_at')}, 'run_ended_at', ${isoTime('ended_at')},
    'status', $13::text, 'metadata', metadata, 'kwargs', kwargs, 'multitask_strategy', multitask_strategy,
    'cancel_reason', cancel_reason, 'error', error,
    'values', CASE WHEN $8 THEN $9::jsonb ELSE (SELECT values FROM thread WHERE thread_id = $2) END)
  FROM finished WHERE webhook IS NOT NULL
), next AS (
  SELECT waiting.run_id FROM run AS waiting
  WHERE waiting.thread_id = $2 AND waiting.run_id <> $1 AND ${guardSql(dispatch, { row: 'waiting' })}
    AND waiting.limits = '{}'::jsonb
    AND NOT EXISTS (SELECT 1 FROM run WHERE thread_id = $2 AND run_id <> $1 AND status = 'running')
  ORDER BY waiting.attempt = 0, waiting.thread_order LIMIT 1
), dispatched AS (
  UPDATE run SET ${assignmentsSql(dispatch)}
  FROM next WHERE run.run_id = next.run_id
  RETURNING run.run_id, run.dispatch, run.priority
), rested AS (
  UPDATE thread SET
    status = CASE WHEN EXISTS (
      SELECT 1 FROM run WHERE thread_id = $2 AND run_id <> $1 AND status IN ('pending', 'running'))
      THEN 'busy' ELSE COALESCE($7::thread_status, CASE WHEN interrupts = '{}' THEN 'idle' ELSE 'interrupted' END::thread_status) END,
    values = CASE WHEN $8 THEN $9::jsonb ELSE values END,
    interrupts = CASE WHEN $8 THEN $10::jsonb ELSE interrupts END,
    error = CASE WHEN $7::thread_status = 'error' THEN $4::jsonb END,
    updated_at = now(), expires_at = now() + make_interval(secs => ttl_minutes * 60),
    state_updated_at = CASE WHEN $8 THEN now() ELSE state_updated_at END,
    hidden_at = CASE WHEN temporary THEN now() ELSE hidden_at END,
    delete_after = CASE WHEN temporary THEN now() + make_interval(secs => $11) ELSE delete_after END
  WHERE thread_id = $2
)
SELECT
  (SELECT json_agg(json_build_object('seq', seq, 'event', event, 'data', data) ORDER BY seq) FROM ended) AS events,
  (SELECT json_build_object('runId', run_id, 'dispatch', dispatch, 'priority', priority) FROM dispatched) AS next,
  -- Whether a limited run may go now: one of the same keys, or the next of the thread.
  (SELECT array(SELECT jsonb_object_keys(limits)) FROM finished) AS keys,
  EXISTS (SELECT 1 FROM run WHERE thread_id = $2 AND run_id <> $1 AND status = 'pending' AND limits <> '{}'::jsonb) AS limited_next`;

export interface FinishedRow {
  events: { seq: number; event: string; data: string }[];
  next: Dispatch | null;
  keys: string[];
  limited_next: boolean;
}
