/**
 * The runs of a thread that have begun, in that order: the way of a reader of the whole thread.
 *
 * Raw SQL: probes of the index `run_start_order`, and times as milliseconds.
 */
const FACTS = `run_id, start_order::int AS start_order, graph_id,
  (extract(epoch FROM started_at) * 1000)::bigint::float8 AS started_at,
  (extract(epoch FROM ended_at) * 1000)::bigint::float8 AS ended_at,
  error->>'message' AS error`;

/**
 * The first run at a place or behind it whose log there is, and whether one before it has lost its log. Of an ended run also the number of
 * its last record. $1 thread id, $2 place.
 */
export const NEXT_RUN = `
SELECT ${FACTS},
  CASE WHEN ended_at IS NOT NULL THEN (SELECT max(seq) FROM run_event WHERE run_event.run_id = run.run_id) END AS last_seq,
  EXISTS (
    SELECT 1 FROM run AS pruned WHERE pruned.thread_id = $1 AND pruned.start_order >= $2
      AND pruned.start_order < run.start_order AND pruned.events_pruned_at IS NOT NULL
  ) AS some_pruned
FROM run
WHERE thread_id = $1 AND start_order >= $2 AND events_pruned_at IS NULL
ORDER BY start_order LIMIT 1`;

/** What the row of a run says when it has ended. $1 run id. */
export const ENDED_RUN = `SELECT ${FACTS} FROM run WHERE run_id = $1`;

/**
 * Where a thread stands. $1 thread id.
 *
 * `last_*`: the newest event of the run that began last. `first`: the place of the run that is under way; of the one that comes next when
 * one waits whose time has come; else of the one that began last. `is_active`: a run is under way, or waits and its time has come.
 */
export const THREAD_PLACE = `
SELECT last.start_order::int AS last_order,
  (SELECT max(seq) FROM run_event WHERE run_event.run_id = last.run_id) AS last_seq,
  active.run_id AS active_run_id,
  active.run_id IS NOT NULL AS is_active,
  (CASE WHEN active.start_order IS NOT NULL THEN active.start_order
    WHEN active.run_id IS NOT NULL THEN last.start_order + 1 ELSE last.start_order END)::int AS first
FROM (SELECT 1) AS always
LEFT JOIN LATERAL (
  SELECT run_id, start_order FROM run WHERE thread_id = $1 AND start_order IS NOT NULL
  ORDER BY start_order DESC LIMIT 1) AS last ON true
LEFT JOIN LATERAL (
  SELECT run_id, start_order FROM run
  WHERE thread_id = $1 AND status IN ('pending', 'running')
    AND (start_order IS NOT NULL OR due_at <= now())
  ORDER BY start_order ASC NULLS LAST, thread_order LIMIT 1) AS active ON true`;

/** Whether a run has put a question. $1 run id, $2 id of the question, $3 records to look at, the newest first. */
export const HAS_ASKED = `
SELECT EXISTS (
  SELECT 1 FROM (
    SELECT event, data FROM run_event
    WHERE run_id = $1 AND (event LIKE 'v2:input.requested%' OR event LIKE 'values%' OR event LIKE 'updates%')
    ORDER BY seq DESC LIMIT $3
  ) AS told
  WHERE position($2 IN data) > 0
) AS has_asked`;

/** Records of a run that tell of its graphs. $1 run id, $2 how many at most. */
export const LIFECYCLE_RECORDS = `
SELECT seq, event, data FROM run_event
WHERE run_id = $1 AND (event LIKE 'v2:lifecycle|%' OR event LIKE 'lifecycle|%' OR event = 'end')
ORDER BY seq LIMIT $2`;

/** A run of a thread that clients can see, or the one that began last. $1 thread id, $2 run id or null. */
export const FIND_RUN_OF_THREAD = `
SELECT ${FACTS} FROM run
WHERE thread_id = $1 AND ($2::uuid IS NULL AND start_order IS NOT NULL OR run_id = $2)
ORDER BY start_order DESC NULLS LAST LIMIT 1`;

export interface RunFactsRow {
  run_id: string;
  /** Null before the run has begun. */
  start_order: number | null;
  graph_id: string;
  started_at: number | null;
  ended_at: number | null;
  error: string | null;
}

export interface NextRunRow extends RunFactsRow {
  start_order: number;
  last_seq: number | null;
  some_pruned: boolean;
}

export interface ThreadPlaceRow {
  last_order: number | null;
  last_seq: number | null;
  active_run_id: string | null;
  is_active: boolean;
  first: number | null;
}
