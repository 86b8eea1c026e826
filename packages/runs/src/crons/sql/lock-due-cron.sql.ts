/**
 * Locks a cron for the run of its tick, with its assistant, unless another sweeper has it or has fired it already. The cron's row is
 * locked before any thread's and any run's.
 *
 * Raw SQL because Prisma has no row locks. $1 cron id.
 */
import type { RunnableAssistant } from '../../run-request/new-run.js';
import { CRON_COLUMNS, type CronRow } from './cron-row.sql.js';

export const LOCK_DUE_CRON = `
SELECT ${CRON_COLUMNS}, now() AS now,
  CASE WHEN assistant.assistant_id IS NULL THEN NULL ELSE json_build_object(
    'assistant_id', assistant.assistant_id, 'graph_id', assistant.graph_id, 'config', assistant.config,
    'context', assistant.context, 'metadata', assistant.metadata) END AS assistant
FROM cron LEFT JOIN assistant ON assistant.assistant_id = cron.assistant_id AND assistant.hidden_at IS NULL
WHERE cron_id = $1 AND next_run_date <= now()
FOR UPDATE OF cron SKIP LOCKED`;

export interface DueCronRow extends CronRow {
  next_run_date: Date;
  now: Date;
  assistant: RunnableAssistant | null;
}
