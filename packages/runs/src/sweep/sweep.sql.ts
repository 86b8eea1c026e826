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
  WHERE created_at < now() - make_interval(secs => $1) ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)`;
