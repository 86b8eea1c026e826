/**
 * Statements on API keys. Postgres's clock decides what has expired.
 *
 * Raw SQL: intervals, and a use that is written down only now and then.
 */
const COLUMNS =
  'key_id, name, scope, rate_per_second, run_quota, created_at, expires_at, revoked_at, last_used_at';

/** $1 id, $2 hash, $3 name, $4 scope, $5 seconds until it expires, or null; $6 and $7 its limits, or null. */
export const INSERT_KEY = `
INSERT INTO api_key (key_id, hash, name, scope, expires_at, rate_per_second, run_quota)
VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5::double precision), $6, $7)
RETURNING ${COLUMNS}`;

/** Newest first. */
export const LIST_KEYS = `SELECT ${COLUMNS} FROM api_key ORDER BY created_at DESC, key_id LIMIT 1000`;

/** $1 id. */
export const REVOKE_KEY = `
UPDATE api_key SET revoked_at = COALESCE(revoked_at, now()) WHERE key_id = $1 RETURNING ${COLUMNS}`;

/** Lets a key expire soon, unless it does so sooner. $1 id, $2 seconds. No row when it is not valid any more. */
export const RETIRE_KEY = `
UPDATE api_key SET expires_at = LEAST(expires_at, now() + make_interval(secs => $2::double precision))
WHERE key_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
RETURNING ${COLUMNS}`;

/** A valid key; that it was used is written down once a minute. $1 id. */
export const USE_KEY = `
WITH used AS (
  UPDATE api_key SET last_used_at = now()
  WHERE key_id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
)
SELECT key_id, name, scope, hash, rate_per_second, run_quota FROM api_key
WHERE key_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`;

export const COUNT_VALID_KEYS = `
SELECT count(*)::int AS valid FROM api_key WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`;

export interface ApiKeyRow {
  key_id: string;
  name: string;
  scope: string;
  rate_per_second: number | null;
  run_quota: number | null;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

export interface UsedKeyRow {
  key_id: string;
  name: string;
  scope: string;
  rate_per_second: number | null;
  run_quota: number | null;
  hash: Buffer;
}
