/**
 * How many runs wait for a worker, and for how long, by priority: pending, due, and put into the queue, so not those that wait for another run
 * of their thread.
 *
 * Raw SQL: one pass over the index of pending runs.
 */
export const QUEUE_DEPTH = `
SELECT priority, count(*)::int AS runs, extract(epoch FROM now() - min(due_at))::float8 AS oldest_seconds
FROM run
WHERE status = 'pending' AND due_at <= now() AND dispatched_at IS NOT NULL
GROUP BY priority`;

export interface QueueDepthRow {
  priority: number;
  runs: number;
  oldest_seconds: number;
}
