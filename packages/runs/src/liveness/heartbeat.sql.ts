/**
 * Statements of a worker's heartbeat session.
 *
 * Raw SQL: session-level advisory locks and one round trip per second for everything a worker must hear.
 */
import type { JsonObject } from '@longrun/contracts';
import type { HeldRun } from './heartbeat-messages.js';

/** First key of the advisory locks of workers; the second is `worker.lock_key`. */
const WORKER_LOCK_CLASS = 0x4c52;

/**
 * $1 worker id, $2 graph ids, $3 host name, $4 process id.
 *
 * The first beat is the number of the transaction: every beat is a transaction, so one that registers again after it was forgotten
 * never meets a beat that somebody has observed before.
 */
export const REGISTER_WORKER = `
INSERT INTO worker (worker_id, graph_ids, hostname, pid, beat)
VALUES ($1, $2, $3, $4, pg_current_xact_id()::text::bigint)
ON CONFLICT (worker_id) DO UPDATE SET beat = worker.beat + 1, heartbeat_at = now()
RETURNING lock_key`;

/** $1 lock key. The kernel closes the session of a dead process, and Postgres frees the lock at once. */
export const TAKE_WORKER_LOCK = `SELECT pg_try_advisory_lock(${WORKER_LOCK_CLASS}, $1) AS taken`;

/**
 * Renews the heartbeat and hears which runs the worker holds, and which of them are cancelled. `lock_held` is what the session itself sees: behind a transaction
 * pooler it is false, and then only the lease counts. $1 worker id, $2 state.
 */
export const RENEW_HEARTBEAT = `
WITH renewed AS (
  UPDATE worker SET beat = beat + 1, heartbeat_at = now(), state = $2,
    lock_held = EXISTS (
      SELECT 1 FROM pg_locks
      WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()
        AND classid = ${WORKER_LOCK_CLASS} AND objid = worker.lock_key::oid AND objsubid = 2)
  WHERE worker_id = $1
  RETURNING lock_held
)
SELECT EXISTS (SELECT 1 FROM renewed) AS known,
  COALESCE((SELECT lock_held FROM renewed), false) AS lock_held,
  (SELECT json_agg(json_build_object(
     'runId', run_id, 'attempt', attempt, 'cancelled', cancel_requested_at IS NOT NULL))
   FROM run WHERE worker_id = $1 AND status = 'running') AS held,
  EXISTS (SELECT 1 FROM sweeper WHERE seen_at > now() - interval '5 seconds') AS sweeper_seen`;

export interface RenewalRow {
  known: boolean;
  lock_held: boolean;
  held: HeldRun[] | null;
  sweeper_seen: boolean;
}

/** $1 worker id. A worker that stops cleanly leaves nothing to be judged. */
export const DEREGISTER_WORKER = `DELETE FROM worker WHERE worker_id = $1`;

/** Workers that hold runs, one step through the index for each of them, not for each of their runs. */
const OWNERS_OF_RUNS = `
WITH RECURSIVE owner AS (
  (SELECT worker_id FROM run WHERE status = 'running' ORDER BY worker_id LIMIT 1)
  UNION ALL
  SELECT (
    SELECT run.worker_id FROM run
    WHERE run.status = 'running' AND run.worker_id > owner.worker_id ORDER BY run.worker_id LIMIT 1)
  FROM owner WHERE owner.worker_id IS NOT NULL
)
SELECT worker_id FROM owner WHERE worker_id IS NOT NULL`;

/**
 * Part of a look: what an observer sees of all workers, their beats and locks, and the start of this Postgres. Workers that hold runs but have no row
 * are listed too, with neither.
 */
export const OBSERVE_WORKERS = `
SELECT pg_postmaster_start_time()::text AS postmaster_start, COALESCE((
  SELECT json_agg(json_build_object('workerId', worker_id, 'beat', beat::text, 'lockFree', lock_free)) FROM (
    SELECT worker_id, beat, lock_held AND NOT EXISTS (
      SELECT 1 FROM pg_locks
      WHERE locktype = 'advisory' AND granted AND classid = ${WORKER_LOCK_CLASS}
        AND objid = worker.lock_key::oid AND objsubid = 2
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS lock_free
    FROM worker
    UNION ALL
    SELECT owner.worker_id, NULL::bigint, true FROM (${OWNERS_OF_RUNS}) AS owner
    WHERE NOT EXISTS (SELECT 1 FROM worker WHERE worker.worker_id = owner.worker_id)) AS seen
), '[]'::json) AS workers`;

export interface ObservationRow extends JsonObject {
  postmaster_start: string;
  workers: { workerId: string; beat: string | null; lockFree: boolean }[];
}

/** $1 worker id, $2 beat: deletes the row of a dead worker that holds no run any more. */
export const FORGET_WORKER = `
DELETE FROM worker WHERE worker_id = $1 AND beat = $2::bigint
  AND NOT EXISTS (SELECT 1 FROM run WHERE run.worker_id = $1 AND run.status = 'running')`;
