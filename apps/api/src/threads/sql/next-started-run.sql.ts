/**
 * The runs of a thread in the order in which they began. One is executed at a time, so that this is also the order of their events.
 *
 * Raw SQL: times to the microsecond, which Date does not hold. $1 thread id, $2 microseconds since 1970.
 */
const STARTED = `(extract(epoch FROM started_at) * 1000000)::bigint`;

/** The first run that began at that time or later. */
export const NEXT_STARTED_RUN = `
SELECT run_id, ${STARTED}::text AS started FROM run
WHERE thread_id = $1 AND started_at IS NOT NULL AND ${STARTED} >= $2::bigint
ORDER BY started_at LIMIT 1`;

/** Where a stream begins that wants nothing of the past: the run that is under way, from its next event on. $1 thread id. */
export const PRESENT_OF_THREAD = `
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text AS now,
  active.started, active.last_seq
FROM (SELECT 1) AS always LEFT JOIN LATERAL (
  SELECT ${STARTED}::text AS started,
    (SELECT COALESCE(max(seq), -1)::int FROM run_event WHERE run_event.run_id = run.run_id) AS last_seq
  FROM run WHERE thread_id = $1 AND status IN ('running', 'pending') AND started_at IS NOT NULL
  ORDER BY started_at LIMIT 1) AS active ON true`;

export interface StartedRunRow {
  run_id: string;
  started: string;
}

export interface PresentRow {
  now: string;
  started: string | null;
  last_seq: number | null;
}
