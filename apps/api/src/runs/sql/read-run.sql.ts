/**
 * What every join of a run asks, in one look-up each.
 *
 * Raw SQL: both stand beside a read of the log, and Prisma makes two statements of the second.
 */

/** Where a run is, how far its log goes, and whether it goes on. $1 run id, $2 thread id that it must be of, or null. */
export const LOCATE_RUN = `
SELECT thread_id, status NOT IN ('pending', 'running') AS has_ended, COALESCE((SELECT max(seq) FROM run_event WHERE run_event.run_id = run.run_id), -1)::int AS last_seq
FROM run
WHERE run_id = $1 AND ($2::uuid IS NULL OR thread_id = $2)`;

export interface LocatedRunRow {
  thread_id: string;
  has_ended: boolean;
  last_seq: number;
}

/** The result of an ended run: its error, else the last values in its log, else the state of its thread, as JSON texts. $1 run id. */
export const RUN_RESULT = `
SELECT run.error::text AS error, COALESCE(
  (SELECT data FROM run_event WHERE run_event.run_id = run.run_id AND event = 'values' ORDER BY seq DESC LIMIT 1),
  thread.values::text, 'null') AS values
FROM run JOIN thread USING (thread_id)
WHERE run_id = $1`;

export interface RunResultRow {
  error: string | null;
  values: string;
}
