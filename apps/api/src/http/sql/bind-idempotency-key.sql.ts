/**
 * Binds an `Idempotency-Key` to a request and the id of what it creates, or tells what it is bound to.
 *
 * Raw SQL: insert or read in one statement; the update that changes nothing makes a concurrent insert wait and then return the
 * row. $1 key, $2 fingerprint, $3 id.
 */
export const BIND_IDEMPOTENCY_KEY = `
INSERT INTO idempotency_key (key, fingerprint, resource_id) VALUES ($1, $2, $3)
ON CONFLICT (key) DO UPDATE SET key = EXCLUDED.key
RETURNING fingerprint, resource_id, xmax = 0 AS is_new`;

export interface BoundKeyRow {
  fingerprint: string;
  resource_id: string;
  is_new: boolean;
}
