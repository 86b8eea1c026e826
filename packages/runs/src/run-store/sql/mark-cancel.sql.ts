/**
 * Transition `cancel` of running runs: the durable mark. The worker hears of it by message, or reads it with its next
 * heartbeat.
 *
 * Raw SQL: compare-and-set over several rows. A rollback that was asked for stays one.
 * $1 run ids, $2 action, $3 reason.
 */
import { appendHistory } from './history.sql.js';

export const MARK_CANCEL = `
UPDATE run
SET cancel_requested_at = COALESCE(cancel_requested_at, now()), updated_at = now(),
  ${appendHistory('run', `'cancel'`, { attempt: 'attempt', action: '$2::text', reason: '$3::text' })},
  cancel_action = CASE WHEN cancel_action = 'rollback' THEN cancel_action ELSE $2 END,
  cancel_reason = COALESCE(cancel_reason, $3)
WHERE run_id = ANY($1::uuid[]) AND status = 'running'`;
