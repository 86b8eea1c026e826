/**
 * Statements of housekeeping.
 *
 * Raw SQL: batches with SKIP LOCKED, so that any number of sweepers share the work, and range deletes.
 */

/** Part of a look. $2 sweeper id. Idle workers take over when no sweeper was seen for 5 s. */
export const SWEEPER_SEEN = `
INSERT INTO sweeper (sweeper_id) VALUES ($2) ON CONFLICT (sweeper_id) DO UPDATE SET seen_at = now()`;

/** $1 sweeper id, also forgets sweepers that are gone for an hour. */
export const SWEEPER_GONE = `
DELETE FROM sweeper WHERE sweeper_id = $1 OR seen_at < now() - interval '1 hour'`;

/** Hidden threads whose time has come and that no run holds. $1 rows at most. */
export const EXPIRED_THREADS = `
SELECT thread_id FROM thread
WHERE delete_after <= now()
  AND NOT EXISTS (SELECT 1 FROM run WHERE run.thread_id = thread.thread_id AND run.status IN ('pending', 'running'))
ORDER BY delete_after LIMIT $1`;

/** A thread and all that belongs to it. $1 thread id. */
export const DELETE_THREAD = `
WITH doomed AS (
  SELECT thread_id FROM thread WHERE thread_id = $1::uuid AND hidden_at IS NOT NULL FOR UPDATE
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

/** Logs older than the retention: marked first, so that no reader takes a half-deleted log for a whole one. $1 seconds, $2 rows at most. */
export const MARK_OLD_LOGS = `
UPDATE run SET events_pruned_at = now()
WHERE run_id IN (
  SELECT run_id FROM run
  WHERE ended_at < now() - make_interval(secs => $1) AND events_pruned_at IS NULL
  ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING run_id`;

/**
 * Items of the store whose time to live has passed, the longest gone first; no read has seen them since. $1 rows at most. Their vectors
 * go with them.
 */
export const DELETE_EXPIRED_ITEMS = `
DELETE FROM langgraph.store
WHERE (namespace_path, key) IN (
  SELECT namespace_path, key FROM langgraph.store
  WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)`;

/** Idempotency keys that nobody will repeat any more. $1 seconds, $2 rows at most. */
export const DELETE_OLD_KEYS = `
DELETE FROM idempotency_key WHERE key IN (
  SELECT key FROM idempotency_key
  WHERE created_at < now() - make_interval(secs => $1) ORDER BY created_at LIMIT $2)`;

/** $1 run ids. */
export const DELETE_LOGS = `DELETE FROM run_event WHERE run_id = ANY($1::uuid[])`;
