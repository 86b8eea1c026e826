/**
 * Moves a cron on to its next tick, in the transaction that creates the run of this one.
 *
 * Raw SQL because it is part of that transaction. $1 cron id, $2 next tick or null, $3 enabled, $4 error (JSON text) or null.
 */
export const ADVANCE_CRON = `
UPDATE cron SET next_run_date = $2, enabled = $3, last_error = $4::jsonb WHERE cron_id = $1`;
