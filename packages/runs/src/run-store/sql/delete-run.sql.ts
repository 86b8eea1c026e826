/**
 * A run and its log. Under the locks of thread and run.
 *
 * Raw SQL: two tables in one statement. $1 run id.
 */
export const DELETE_RUN = `
WITH log AS (DELETE FROM run_event WHERE run_id = $1)
DELETE FROM run WHERE run_id = $1`;
