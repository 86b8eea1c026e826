/**
 * Transitions `release` (graceful shutdown: nothing is charged) and `retry` (the run's own policy): running → pending
 * by the attempt that holds it, dispatched at once. A run with a cancel mark is not given back: it is finished.
 *
 * Raw SQL: compare-and-set. $1 run id, $2 attempt, $3 seconds until due.
 */
export const RELEASE_RUN = `
UPDATE run
SET status = 'pending', worker_id = NULL, updated_at = now(), due_at = now() + make_interval(secs => $3),
    dispatch = dispatch + 1, dispatched_at = now()
WHERE run_id = $1 AND attempt = $2 AND status = 'running' AND cancel_requested_at IS NULL
RETURNING dispatch, priority`;

export interface DispatchRow {
  dispatch: number;
  priority: number;
}
