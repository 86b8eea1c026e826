/**
 * Transitions `release` (graceful shutdown: nothing is charged) and `retry` (the run's own policy): running → pending
 * by the attempt that holds it. A run with a cancel mark is not given back: it is finished.
 *
 * Raw SQL: compare-and-set. $1 run id, $2 attempt; of a retry also $3 seconds until due.
 */
import { RUN_TRANSITIONS } from '../transitions/run-transitions.js';
import { assignmentsSql, guardSql } from '../transitions/to-sql.js';
import { appendHistory } from './history.sql.js';

function giveBack(what: 'release' | 'retry', details: Record<string, string>): string {
  const given = { arguments: { attempt: '$2', seconds: '$3::float8' } };
  return `
UPDATE run
SET ${assignmentsSql(RUN_TRANSITIONS[what], given)}, updated_at = now(),
    ${appendHistory('run', `'${what}'`, { attempt: 'attempt', worker: 'worker_id', ...details })}
WHERE run_id = $1 AND ${guardSql(RUN_TRANSITIONS[what], given)}
RETURNING dispatch, priority`;
}

export const RELEASE_RUN = giveBack('release', {});
export const RETRY_RUN = giveBack('retry', { after_seconds: 'NULLIF($3::float8, 0)' });

export interface DispatchRow {
  dispatch: number;
  priority: number;
}
