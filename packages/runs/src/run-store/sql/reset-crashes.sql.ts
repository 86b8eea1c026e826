/**
 * Transition `progress`: the run committed a checkpoint of its own, so earlier worker deaths no longer count against it.
 *
 * Raw SQL: compare-and-set. $1 run id, $2 attempt.
 */
import { RUN_TRANSITIONS } from '../transitions/run-transitions.js';
import { assignmentsSql, guardSql } from '../transitions/to-sql.js';

const { progress } = RUN_TRANSITIONS;

export const RESET_CRASHES = `
UPDATE run SET ${assignmentsSql(progress)} WHERE run_id = $1 AND ${guardSql(progress, { arguments: { attempt: '$2' } })}`;
