/**
 * Transition `cancel` of running runs: the durable mark. The worker hears of it by message, or reads it with its next
 * heartbeat.
 *
 * Raw SQL: compare-and-set over several rows.
 * $1 run ids, $2 action, $3 reason.
 */
import { RUN_TRANSITIONS } from '../transitions/run-transitions.js';
import { assignmentsSql, guardSql } from '../transitions/to-sql.js';
import { appendHistory } from './history.sql.js';

const { cancel } = RUN_TRANSITIONS;

export const MARK_CANCEL = `
UPDATE run
SET ${assignmentsSql(cancel, { arguments: { action: '$2', reason: '$3' } })}, updated_at = now(),
  ${appendHistory('run', `'cancel'`, { attempt: 'attempt', action: '$2::text', reason: '$3::text' })}
WHERE run_id = ANY($1::uuid[]) AND ${guardSql(cancel)}`;
