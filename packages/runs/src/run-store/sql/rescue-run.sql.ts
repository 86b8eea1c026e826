/**
 * Transition `rescue`: running → pending for a run whose worker is dead, under the locks of thread and run.
 *
 * Raw SQL: compare-and-set. $1 run id, $2 attempt, $3 crashes to charge (0 or 1).
 */
import { appendHistory } from './history.sql.js';

export const RESCUE_RUN = `
UPDATE run
SET status = 'pending', worker_id = NULL,
    ${appendHistory('run', `'rescue'`, { attempt: 'attempt', worker: 'worker_id', crashes: 'crashes + $3' })},
    crashes = crashes + $3, updated_at = now(), due_at = now(),
    dispatch = dispatch + 1, dispatched_at = now()
WHERE run_id = $1 AND attempt = $2 AND status = 'running'
RETURNING dispatch, priority`;
