/**
 * Transitions `release` (graceful shutdown: nothing is charged) and `retry` (the run's own policy): running → pending
 * by the attempt that holds it, dispatched at once unless it has to wait: then reconcile does it when it is due. A run with a cancel
 * mark is not given back: it is finished.
 *
 * Raw SQL: compare-and-set. $1 run id, $2 attempt, $3 seconds until due, $4 retries to count (0 or 1).
 */
import { appendHistory } from './history.sql.js';

export const RELEASE_RUN = `
UPDATE run
SET status = 'pending', worker_id = NULL, updated_at = now(),
    ${appendHistory('run', `CASE WHEN $4 > 0 THEN 'retry' ELSE 'release' END`, { attempt: 'attempt', worker: 'worker_id', after_seconds: 'NULLIF($3::float8, 0)' })},
    due_at = now() + make_interval(secs => $3::float8),
    retries = retries + $4, dispatch = dispatch + 1, dispatched_at = CASE WHEN $3::float8 > 0 THEN NULL ELSE now() END
WHERE run_id = $1 AND attempt = $2 AND status = 'running' AND cancel_requested_at IS NULL
RETURNING dispatch, priority`;

export interface DispatchRow {
  dispatch: number;
  priority: number;
}
