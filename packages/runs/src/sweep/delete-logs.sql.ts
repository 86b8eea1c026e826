/**
 * Statements that delete the logs of runs that ended long ago.
 *
 * Raw SQL: batches with SKIP LOCKED, so that any number of sweepers share the work. Rows are named by their place in the table: whatever the
 * planner believes, no statement reads more of the log than it deletes.
 */

/** Marked first, so that no reader takes a half-deleted log for a whole one. $1 seconds, $2 runs at most. */
export const MARK_OLD_LOGS = `
UPDATE run SET events_pruned_at = now()
WHERE run_id IN (
  SELECT run_id FROM run
  WHERE ended_at < now() - make_interval(secs => $1) AND events_pruned_at IS NULL
  ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)`;

/**
 * Deletes from logs that are marked. A run is done with when a statement has found less than it might delete: so a log of any length goes in
 * pieces, and one whose sweeper died half-way is found again. $1 runs at most, $2 rows at most.
 */
export const DELETE_MARKED_LOGS = `
WITH doomed AS MATERIALIZED (
  SELECT run_id FROM run WHERE events_pruned_at IS NOT NULL AND NOT events_deleted
  ORDER BY events_pruned_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
), gone AS (
  DELETE FROM run_event WHERE ctid = ANY (ARRAY(
    SELECT event.place FROM doomed, LATERAL (
      SELECT ctid AS place FROM run_event WHERE run_event.run_id = doomed.run_id LIMIT $2) AS event
    LIMIT $2))
  RETURNING 1
), done AS (
  UPDATE run SET events_deleted = true FROM doomed
  WHERE run.run_id = doomed.run_id AND (SELECT count(*) FROM gone) < $2
)
SELECT (SELECT count(*) FROM gone)::int AS rows, (SELECT count(*) FROM doomed)::int AS runs`;

export interface DeletedLogsRow {
  rows: number;
  runs: number;
}
