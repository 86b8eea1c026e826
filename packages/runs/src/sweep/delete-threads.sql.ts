/**
 * Statements that delete hidden threads with everything that is theirs: small ones many at a time, and large ones in pieces.
 *
 * Raw SQL: seven tables in few statements, each bounded in rows.
 */

/**
 * Hidden threads whose time has come and that no run holds, with the number of their rows, counted as far as $2 in each table.
 * $1 threads at most.
 */
export const EXPIRED_THREADS = `
SELECT thread_id, (
  (SELECT count(*) FROM (SELECT FROM run WHERE run.thread_id = expired.thread_id LIMIT $2) AS rows)
  + (SELECT count(*) FROM (
      SELECT FROM run JOIN run_event USING (run_id) WHERE run.thread_id = expired.thread_id LIMIT $2) AS rows)
  + (SELECT count(*) FROM (
      SELECT FROM langgraph.checkpoints WHERE thread_id = expired.thread_id::text LIMIT $2) AS rows)
  + (SELECT count(*) FROM (
      SELECT FROM langgraph.checkpoint_blobs WHERE thread_id = expired.thread_id::text LIMIT $2) AS rows)
  + (SELECT count(*) FROM (
      SELECT FROM langgraph.checkpoint_writes WHERE thread_id = expired.thread_id::text LIMIT $2) AS rows)
)::int AS rows
FROM (
  SELECT thread_id FROM thread
  WHERE delete_after <= now()
    AND NOT EXISTS (SELECT 1 FROM run WHERE run.thread_id = thread.thread_id AND run.status IN ('pending', 'running'))
  ORDER BY delete_after LIMIT $1) AS expired`;

export interface ExpiredThreadRow {
  thread_id: string;
  rows: number;
}

/** Threads and all that belongs to them. What another sweeper has at hand is left to it. $1 thread ids. */
export const DELETE_THREADS = `
WITH doomed AS MATERIALIZED (
  SELECT thread_id FROM thread WHERE thread_id = ANY($1::uuid[]) AND hidden_at IS NOT NULL FOR UPDATE SKIP LOCKED
), events AS (
  DELETE FROM run_event USING run, doomed WHERE run.thread_id = doomed.thread_id AND run_event.run_id = run.run_id
), checkpoints AS (
  DELETE FROM langgraph.checkpoints USING doomed WHERE checkpoints.thread_id = doomed.thread_id::text
), blobs AS (
  DELETE FROM langgraph.checkpoint_blobs USING doomed WHERE checkpoint_blobs.thread_id = doomed.thread_id::text
), writes AS (
  DELETE FROM langgraph.checkpoint_writes USING doomed WHERE checkpoint_writes.thread_id = doomed.thread_id::text
)
DELETE FROM thread USING doomed WHERE thread.thread_id = doomed.thread_id`;

/** Of a large thread: its readers are told before anything of a log goes. $1 thread id, $2 runs at most. */
export const MARK_THREAD_LOGS = `
UPDATE run SET events_pruned_at = now()
WHERE run_id IN (
  SELECT run_id FROM run WHERE thread_id = $1::uuid AND events_pruned_at IS NULL LIMIT $2 FOR UPDATE SKIP LOCKED)`;

/** Marked logs of a large thread, and the runs whose logs are gone. $1 thread id, $2 runs at most, $3 events at most. */
export const DELETE_THREAD_LOGS = `
WITH doomed AS MATERIALIZED (
  SELECT run_id FROM run WHERE thread_id = $1::uuid AND events_pruned_at IS NOT NULL LIMIT $2 FOR UPDATE SKIP LOCKED
), gone AS (
  DELETE FROM run_event WHERE ctid = ANY (ARRAY(
    SELECT event.place FROM doomed, LATERAL (
      SELECT ctid AS place FROM run_event WHERE run_event.run_id = doomed.run_id LIMIT $3) AS event
    LIMIT $3))
  RETURNING 1
)
DELETE FROM run USING doomed WHERE run.run_id = doomed.run_id AND (SELECT count(*) FROM gone) < $3`;

/** What LangGraph keeps of a large thread. $1 thread id, $2 rows of each table at most. */
export const DELETE_THREAD_CHECKPOINTS = `
WITH writes AS (${someOf('checkpoint_writes')}), blobs AS (${someOf('checkpoint_blobs')})
${someOf('checkpoints')}`;

function someOf(table: string): string {
  return `DELETE FROM langgraph.${table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM langgraph.${table} WHERE thread_id = $1::uuid::text LIMIT $2))`;
}
