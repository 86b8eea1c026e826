/**
 * A page of a run's log after a cursor.
 *
 * Raw SQL: an index scan on the hot way. $1 run id, $2 cursor (last seq that the reader has; -1 for none), $3 rows at most, $4 bytes of
 * data after which no further row comes: the size of a value that is stored apart is known without reading it.
 */
export const READ_EVENTS = `
SELECT seq, event, data FROM (
  SELECT seq, event, data, sum(octet_length(data)) OVER (ORDER BY seq) - octet_length(data) AS bytes_before
  FROM (
    SELECT seq, event, data FROM run_event WHERE run_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
  ) AS page
) AS sized
WHERE bytes_before < $4
ORDER BY seq`;
