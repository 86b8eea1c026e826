/**
 * Transition `cancel` of running runs: the durable mark. The worker hears of it by message, or reads it with its next
 * heartbeat.
 *
 * Raw SQL: compare-and-set over several rows. $1 run ids, $2 action.
 */
export const MARK_CANCEL = `
UPDATE run
SET cancel_requested_at = COALESCE(cancel_requested_at, now()), cancel_action = $2, updated_at = now()
WHERE run_id = ANY($1::uuid[]) AND status = 'running'`;
