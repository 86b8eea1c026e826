/**
 * Creating, changing and deleting a cron.
 *
 * Raw SQL: `payload` is json, whose order of keys the user chose, and a change decides under the row's lock.
 */
import { CRON_COLUMNS, type CronRow } from './cron-row.sql.js';

/** Postgres's clock decides what the next tick is. */
export const NOW = `SELECT now() AS now`;

/**
 * $1 cron id, $2 assistant id, $3 thread id, $4 schedule, $5 timezone, $6 end time, $7 enabled, $8 on_run_completed, $9 payload (JSON
 * text), $10 metadata (JSON text), $11 next tick, $12 identity (JSON text or null).
 */
export const INSERT_CRON = `
INSERT INTO cron (cron_id, assistant_id, thread_id, schedule, timezone, end_time, enabled, on_run_completed, payload, metadata, next_run_date, identity)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::json, $10::jsonb, $11, $12::jsonb)
ON CONFLICT (cron_id) DO UPDATE SET cron_id = EXCLUDED.cron_id
RETURNING ${CRON_COLUMNS}`;

/** $1 cron id. */
export const LOCK_CRON = `SELECT ${CRON_COLUMNS}, now() AS now FROM cron WHERE cron_id = $1 FOR UPDATE`;

export interface LockedCronRow extends CronRow {
  now: Date;
}

/**
 * $1 cron id, $2 schedule, $3 timezone, $4 end time, $5 enabled, $6 on_run_completed, $7 payload (JSON text), $8 metadata (JSON text), $9
 * next tick. Whatever was wrong with the last tick belongs to the cron as it was.
 */
export const UPDATE_CRON = `
UPDATE cron SET schedule = $2, timezone = $3, end_time = $4, enabled = $5, on_run_completed = $6, payload = $7::json,
  metadata = $8::jsonb, next_run_date = $9, last_error = NULL, updated_at = now()
WHERE cron_id = $1
RETURNING ${CRON_COLUMNS}`;

/** $1 cron id. */
export const DELETE_CRON = `DELETE FROM cron WHERE cron_id = $1`;
