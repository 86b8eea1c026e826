/**
 * Transition `finish`, the only way to a terminal status: final events and the end record at the next numbers of the
 * log, the status, the webhook, the thread's status and state, and the dispatch of the next run of the thread, in one statement.
 *
 * Two forms: under the locks of thread and run, which see every run of the thread as it is; and alone, for the attempt of a run beside which
 * the thread has no active one, which takes the locks itself and decides nothing else.
 *
 * Raw SQL: five tables' worth of change in one round trip, and the order of the locks matters.
 * $1 run id, $2 thread id, $3 status, $4 error (JSON text or null), $5 names and $6 data of the final events, $7 resting
 * status of the thread (null: as it was before the run), $8 whether the state was read, $9 values and $10 interrupts (JSON text), $11 seconds a temporary thread is kept, $12 why it was
 * cancelled, if nobody had marked it, $13 status for the webhook. Alone: $14 attempt; with its last checkpoints: $15 rows, $16 bytes.
 */
import { writeCheckpointsSql } from '@longrun/contracts';
import type { Dispatch } from '../dispatch.js';
import { RUN_TRANSITIONS } from '../transitions/run-transitions.js';
import { assignmentsSql, guardSql } from '../transitions/to-sql.js';
import { appendHistory } from './history.sql.js';
import { isoTime } from './iso-time.sql.js';

const { dispatch, finish, write } = RUN_TRANSITIONS;

interface Form {
  /** CTEs, the last of which is `held`: the id of the run when it may be ended, no row otherwise. */
  held: string;
  /** SQL for whether the thread has another active run. */
  others: string;
  /** CTE with the run that goes next. */
  next: string;
  /** Columns of the answer for runs with limits. */
  limits: string;
  /** CTEs for what is written besides. */
  besides?: string;
}

const finishRun = ({ held, others, next, limits, besides }: Form): string => `
WITH ${held}, log AS (
  SELECT (SELECT COALESCE(max(seq) + 1, 0) FROM run_event WHERE run_id = $1) AS next_seq FROM held
), ended AS (
  INSERT INTO run_event (run_id, seq, event, data)
  SELECT $1, log.next_seq + final.place - 1, final.event, final.data
  FROM log, unnest($5::text[], $6::text[]) WITH ORDINALITY AS final(event, data, place)
  RETURNING seq, event, data
), finished AS (
  UPDATE run SET ${assignmentsSql(finish, { arguments: { status: '$3::run_status', reason: '$12' } })}, error = $4::jsonb, ended_at = now(), updated_at = now(),
    ${appendHistory('run', `'finish'`, { attempt: 'attempt', worker: 'worker_id', status: '$13::text' })}
  FROM held WHERE run.run_id = held.ended_id
  RETURNING run.*
), outbox AS (
  INSERT INTO webhook_delivery (delivery_id, run_id, thread_id, url, traceparent, payload)
  SELECT gen_random_uuid(), run_id, thread_id, webhook, traceparent, json_build_object(
    'run_id', run_id, 'thread_id', thread_id, 'assistant_id', assistant_id,
    'created_at', ${isoTime('created_at')}, 'updated_at', ${isoTime('updated_at')},
    'run_started_at', ${isoTime('started_at')}, 'run_ended_at', ${isoTime('ended_at')},
    'status', $13::text, 'metadata', metadata, 'kwargs', kwargs, 'multitask_strategy', multitask_strategy,
    'cancel_reason', cancel_reason, 'error', error,
    'values', CASE WHEN $8 THEN $9::jsonb ELSE (SELECT values FROM thread WHERE thread_id = $2) END)
  FROM finished WHERE webhook IS NOT NULL
), next AS (
  ${next}
), dispatched AS (
  UPDATE run SET ${assignmentsSql(dispatch)}
  FROM next WHERE run.run_id = next.run_id
  RETURNING run.run_id, run.dispatch, run.priority
), rested AS (
  UPDATE thread SET
    status = CASE WHEN ${others}
      THEN 'busy' ELSE COALESCE($7::thread_status, CASE WHEN interrupts = '{}' THEN 'idle' ELSE 'interrupted' END::thread_status) END,
    values = CASE WHEN $8 THEN $9::jsonb ELSE values END,
    interrupts = CASE WHEN $8 THEN $10::jsonb ELSE interrupts END,
    error = CASE WHEN $7::thread_status = 'error' THEN $4::jsonb END,
    updated_at = now(), expires_at = now() + make_interval(secs => ttl_minutes * 60),
    state_updated_at = CASE WHEN $8 THEN now() ELSE state_updated_at END,
    hidden_at = CASE WHEN temporary THEN now() ELSE hidden_at END,
    delete_after = CASE WHEN temporary THEN now() + make_interval(secs => $11) ELSE delete_after END
  FROM held WHERE thread_id = $2
)${besides === undefined ? '' : `, ${besides}`}
SELECT
  (SELECT json_agg(json_build_object('seq', seq, 'event', event, 'data', data) ORDER BY seq) FROM ended) AS events,
  (SELECT json_build_object('runId', run_id, 'dispatch', dispatch, 'priority', priority) FROM dispatched) AS next,
  ${limits}
FROM held`;

/** Under {@link LOCK_THREAD} and {@link LOCK_RUN}. */
export const FINISH_RUN = finishRun({
  held: 'held AS (SELECT $1::uuid AS ended_id)',
  others: `EXISTS (
      SELECT 1 FROM run WHERE thread_id = $2 AND run_id <> $1 AND status IN ('pending', 'running'))`,
  next: `SELECT waiting.run_id FROM run AS waiting
  WHERE waiting.thread_id = $2 AND waiting.run_id <> $1 AND ${guardSql(dispatch, { row: 'waiting' })}
    AND waiting.limits = '{}'::jsonb
    AND NOT EXISTS (SELECT 1 FROM run WHERE thread_id = $2 AND run_id <> $1 AND status = 'running')
  ORDER BY waiting.attempt = 0, waiting.thread_order LIMIT 1`,
  // Whether a limited run may go now: one of the same keys, or the next of the thread.
  limits: `(SELECT array(SELECT jsonb_object_keys(limits)) FROM finished) AS keys,
  EXISTS (SELECT 1 FROM run WHERE thread_id = $2 AND run_id <> $1 AND status = 'pending' AND limits <> '{}'::jsonb) AS limited_next`,
});

/**
 * For attempt $14 of a run that nobody has marked, that counts against no limit, and that is the newest and only active run of its thread. No
 * row when one of these is not so, and nothing was changed.
 *
 * The locks hand over the newest versions of both rows, whatever the statement's snapshot holds, and a run that was created since has
 * changed the thread's number. Active runs before this one were created before the snapshot, which therefore shows them.
 */
const ALONE: Form = {
  held: `home AS MATERIALIZED (
  SELECT last_run_order FROM thread WHERE thread_id = $2 FOR UPDATE
), held AS MATERIALIZED (
  SELECT run.run_id AS ended_id FROM run, home
  WHERE run.run_id = $1 AND ${guardSql(write, { row: 'run', arguments: { attempt: '$14' } })}
    AND run.cancel_requested_at IS NULL AND run.limits = '{}'::jsonb AND run.thread_order = home.last_run_order
    AND NOT EXISTS (
      SELECT 1 FROM run AS other
      WHERE other.thread_id = $2 AND other.run_id <> $1 AND other.status IN ('pending', 'running'))
  FOR UPDATE OF run
)`,
  others: 'false',
  next: 'SELECT NULL::uuid AS run_id WHERE false',
  limits: `'{}'::text[] AS keys, false AS limited_next`,
};

export const FINISH_RUN_ALONE = finishRun(ALONE);

/** The same, with the last checkpoints of the attempt: a short run then needs no transaction of its own for them. */
export const FINISH_RUN_WITH_CHECKPOINTS = finishRun({
  ...ALONE,
  besides: writeCheckpointsSql({ run: '$1', attempt: '$14', rows: '$15', bytes: '$16' }),
});

export interface FinishedRow {
  events: { seq: number; event: string; data: string }[];
  next: Dispatch | null;
  keys: string[];
  limited_next: boolean;
}
