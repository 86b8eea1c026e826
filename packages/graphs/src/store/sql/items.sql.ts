/**
 * Statements on single items of the store.
 *
 * Raw SQL beside LangGraph's own store, on its table: time to live by the database's clock, and expired items gone for every read.
 */

import type { SqlCondition } from '@longrun/contracts';

/** Whether an item is there: expired ones are not, swept or not. */
export const IS_LIVE = `(expires_at IS NULL OR expires_at > now())`;

/** An item as one JSON object, for conditions on items: its value, and beside it its namespace and key, which no value can claim. */
const ITEM_AS_METADATA = `(value || jsonb_build_object('key', key, 'namespace', (
  SELECT jsonb_agg(replace(replace(label, '%3A', ':'), '%25', '%') ORDER BY place)
  FROM unnest(string_to_array(namespace_path, ':')) WITH ORDINALITY AS part (label, place))))`;

/**
 * ` AND …` for the items that a reader may know of; empty for all.
 *
 * @param values of the statement, to which those of the condition are added
 */
export function meantItems(meant: SqlCondition | null | undefined, values: unknown[]): string {
  return meant ? ` AND ${meant(ITEM_AS_METADATA, (value) => `$${values.push(value)}`)}` : '';
}

/** $1 path, $2 key. */
export const GET_ITEM = `
SELECT namespace_path, key, value, created_at, updated_at, ttl_minutes
FROM langgraph.store WHERE namespace_path = $1 AND key = $2 AND ${IS_LIVE}`;

export interface ItemRow {
  namespace_path: string;
  key: string;
  value: Record<string, unknown>;
  created_at: Date;
  updated_at: Date;
  ttl_minutes: number | null;
  score?: number | null;
}

/** $1 path, $2 key, $3 value (JSON text), $4 minutes to live or null. An item that had expired is a new one. */
export const PUT_ITEM = `
INSERT INTO langgraph.store AS item (namespace_path, key, value, ttl_minutes, expires_at)
VALUES ($1, $2, $3::jsonb, $4::double precision, now() + $4::double precision * interval '1 minute')
ON CONFLICT (namespace_path, key) DO UPDATE
SET value = excluded.value, ttl_minutes = excluded.ttl_minutes, expires_at = excluded.expires_at, updated_at = now(),
    created_at = CASE WHEN item.expires_at <= now() THEN now() ELSE item.created_at END`;

/** $1 path, $2 key. */
export const DELETE_ITEM = `DELETE FROM langgraph.store WHERE namespace_path = $1 AND key = $2`;

/** Lets items that have a time to live begin it anew. $1 paths, $2 keys, pairwise. In a fixed order, so that two never deadlock. */
export const REFRESH_ITEMS = `
UPDATE langgraph.store AS item SET expires_at = now() + ttl_minutes * interval '1 minute'
FROM (
  SELECT namespace_path, key FROM langgraph.store
  WHERE (namespace_path, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))
    AND ttl_minutes IS NOT NULL AND expires_at > now()
  ORDER BY namespace_path, key FOR UPDATE
) AS live
WHERE item.namespace_path = live.namespace_path AND item.key = live.key`;
