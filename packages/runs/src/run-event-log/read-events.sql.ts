/**
 * A page of a run's log after a cursor.
 *
 * Raw SQL: an index scan on the hot way. $1 run id, $2 cursor (last seq that the reader has; -1 for none), $3 rows at most.
 */
export const READ_EVENTS = `
SELECT seq, event, data FROM run_event WHERE run_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`;
