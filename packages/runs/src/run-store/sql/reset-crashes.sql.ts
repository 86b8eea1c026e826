/**
 * Progress: the run committed a checkpoint of its own, so earlier worker deaths no longer count against it.
 *
 * Raw SQL: compare-and-set. $1 run id, $2 attempt.
 */
export const RESET_CRASHES = `
UPDATE run SET crashes = 0 WHERE run_id = $1 AND attempt = $2 AND status = 'running' AND crashes > 0`;
