/**
 * Transition `rescue`: running → pending for a run whose worker is dead, under the locks of thread and run.
 *
 * Raw SQL: compare-and-set. $1 run id, $2 attempt, $3 crashes to charge (0 or 1), $4 crash limit, $5 whether a process
 * died that the run had to itself.
 */
import { RUN_TRANSITIONS } from '../transitions/run-transitions.js';
import { assignmentsSql, guardSql } from '../transitions/to-sql.js';
import { appendHistory } from './history.sql.js';

const { rescue } = RUN_TRANSITIONS;
const GIVEN = { arguments: { attempt: '$2', charge: '$3', crashLimit: '$4' } };

export const RESCUE_RUN = `
UPDATE run
SET ${assignmentsSql(rescue, GIVEN)}, updated_at = now(),
    ${appendHistory('run', `'rescue'`, { attempt: 'attempt', worker: 'worker_id', crashes: 'crashes + $3', alone: 'NULLIF($5::boolean, false)' })}
WHERE run_id = $1 AND ${guardSql(rescue, GIVEN)}
RETURNING dispatch, priority`;
