/**
 * What a thread takes up, by channel of its graph.
 *
 * Raw SQL: sums over LangGraph's tables. $1 thread id.
 */
export const THREAD_STORAGE = `
SELECT
  (SELECT COALESCE(json_object_agg(channel, bytes), '{}') FROM (
    SELECT channel, sum(octet_length(blob))::float8 AS bytes FROM langgraph.checkpoint_blobs
    WHERE thread_id = $1::uuid::text GROUP BY channel) AS blobs) AS channels,
  (SELECT COALESCE(sum(pg_column_size(checkpoint) + pg_column_size(metadata)), 0)::float8 FROM langgraph.checkpoints
    WHERE thread_id = $1::uuid::text) AS checkpoints,
  (SELECT COALESCE(sum(octet_length(blob)), 0)::float8 FROM langgraph.checkpoint_writes
    WHERE thread_id = $1::uuid::text) AS writes,
  (SELECT COALESCE(sum(octet_length(run_event.data)), 0)::float8 FROM run_event JOIN run USING (run_id)
    WHERE run.thread_id = $1::uuid) AS events`;

export interface ThreadStorageRow {
  channels: Record<string, number>;
  checkpoints: number;
  writes: number;
  events: number;
}
