/**
 * Statements on LangGraph's tables that both the graphs and the record of runs need: neither of the two knows the other.
 */

/**
 * Deletes what a run wrote to its thread: checkpoints, blobs and writes. A question that one of its writes had replaced
 * is put back. Idempotent. Meant for the newest run of the thread: a later one would lose what it inherited.
 *
 * Raw SQL: three tables in one statement. $1 thread id, $2 run id.
 */
export const UNDO_RUN_CHECKPOINTS = `
WITH checkpoints AS (
  DELETE FROM langgraph.checkpoints WHERE thread_id = $1::uuid::text AND run_id = $2::uuid
), blobs AS (
  DELETE FROM langgraph.checkpoint_blobs WHERE thread_id = $1::uuid::text AND run_id = $2::uuid
), writes AS (
  DELETE FROM langgraph.checkpoint_writes
  WHERE thread_id = $1::uuid::text AND run_id = $2::uuid AND shadowed IS NULL
)
UPDATE langgraph.checkpoint_writes SET
  channel = shadowed ->> 'channel', type = shadowed ->> 'type',
  blob = decode(shadowed ->> 'blob', 'base64'), run_id = (shadowed ->> 'run_id')::uuid,
  attempt = (shadowed ->> 'attempt')::int, shadowed = NULLIF(shadowed -> 'shadowed', 'null'::jsonb)
WHERE thread_id = $1::uuid::text AND run_id = $2::uuid AND shadowed IS NOT NULL`;

/**
 * Forgets the history of a thread: of every namespace the newest checkpoint remains, with its values and its open writes. Idempotent;
 * for a thread that nobody writes.
 *
 * Raw SQL: three tables in one statement. $1 thread id.
 */
export const PRUNE_CHECKPOINTS = `
WITH kept AS (
  SELECT DISTINCT ON (checkpoint_ns) checkpoint_ns, checkpoint_id, checkpoint -> 'channel_versions' AS versions
  FROM langgraph.checkpoints WHERE thread_id = $1::uuid::text
  ORDER BY checkpoint_ns, commit_seq DESC
), writes AS (
  DELETE FROM langgraph.checkpoint_writes AS old
  WHERE thread_id = $1::uuid::text AND NOT EXISTS (
    SELECT 1 FROM kept WHERE kept.checkpoint_ns = old.checkpoint_ns AND kept.checkpoint_id = old.checkpoint_id)
), blobs AS (
  DELETE FROM langgraph.checkpoint_blobs AS old
  WHERE thread_id = $1::uuid::text AND NOT EXISTS (
    -- A version that was an integer once names its blob by that integer.
    SELECT 1 FROM kept WHERE kept.checkpoint_ns = old.checkpoint_ns
      AND old.version IN (versions ->> old.channel, ltrim(split_part(versions ->> old.channel, '.', 1), '0')))
)
DELETE FROM langgraph.checkpoints AS old
WHERE thread_id = $1::uuid::text AND NOT EXISTS (
  SELECT 1 FROM kept WHERE kept.checkpoint_ns = old.checkpoint_ns AND kept.checkpoint_id = old.checkpoint_id)`;
