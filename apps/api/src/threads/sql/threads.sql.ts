/**
 * Statements on threads that change more than Prisma can say in one.
 *
 * Raw SQL: merges and expressions in the database, and row locks.
 */

/** Locks a thread that clients can see, to decide whether it may be written. $1 thread id. */
export const LOCK_VISIBLE_THREAD = `
SELECT status FROM thread WHERE thread_id = $1 AND hidden_at IS NULL FOR UPDATE`;

/** $1 thread id, $2 metadata to merge (JSON text or null), $3 minutes to live (or null: as it is), $4 strategy. */
export const PATCH_THREAD = `
UPDATE thread SET updated_at = now(),
  metadata = metadata || COALESCE($2::jsonb, '{}'),
  ttl_minutes = COALESCE($3::float8, ttl_minutes),
  ttl_strategy = CASE WHEN $3::float8 IS NULL THEN ttl_strategy ELSE $4 END,
  expires_at = CASE WHEN $3::float8 IS NULL THEN expires_at ELSE now() + make_interval(secs => $3::float8 * 60) END
WHERE thread_id = $1 AND hidden_at IS NULL`;

/** A thread like another, without its runs. $1 thread to copy, $2 new thread, $3 its metadata (JSON text). */
export const COPY_THREAD = `
INSERT INTO thread (thread_id, status, metadata, config, values, interrupts, error, ttl_strategy, ttl_minutes, expires_at)
SELECT $2, CASE WHEN status <> 'busy' THEN status WHEN interrupts = '{}' THEN 'idle' ELSE 'interrupted' END::thread_status,
  $3::jsonb, config, values, interrupts, error, ttl_strategy, ttl_minutes, now() + make_interval(secs => ttl_minutes * 60)
FROM thread WHERE thread_id = $1 AND hidden_at IS NULL
FOR SHARE`;

/**
 * What the newest checkpoint says of a thread that rests, unless a newer one has been written since it was read.
 * $1 thread id, $2 checkpoint id, $3 status, $4 values and $5 interrupts (JSON text).
 */
export const REFRESH_THREAD = `
UPDATE thread SET status = $3::thread_status, values = $4::jsonb, interrupts = $5::jsonb, error = NULL,
  updated_at = now(), state_updated_at = now(), expires_at = now() + make_interval(secs => ttl_minutes * 60)
WHERE thread_id = $1 AND status <> 'busy' AND $2 = (
  SELECT checkpoint_id FROM langgraph.checkpoints
  WHERE checkpoints.thread_id = $1::uuid::text AND checkpoint_ns = ''
  ORDER BY commit_seq DESC LIMIT 1)`;

/** $1 thread id, $2 metadata to merge into that of the newest checkpoint (JSON text). */
export const PATCH_CHECKPOINT = `
UPDATE langgraph.checkpoints SET metadata = metadata || $2::jsonb
WHERE thread_id = $1::uuid::text AND checkpoint_ns = '' AND checkpoint_id = (
  SELECT checkpoint_id FROM langgraph.checkpoints
  WHERE thread_id = $1::uuid::text AND checkpoint_ns = ''
  ORDER BY commit_seq DESC LIMIT 1)`;
