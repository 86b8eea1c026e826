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

/** The last checkpoints of an attempt that nobody has begun to write: whoever ends the run may write them together with its end. */
export interface UnwrittenCheckpoints {
  /** For {@link writeCheckpointsSql}. */
  readonly rows: string;
  readonly bytes: Uint8Array;
  /** To be told when they are committed. */
  written(): void;
  /**
   * Writes them by themselves; may be called again after a failure.
   *
   * @throws LongrunError RUN_FENCED when the run was taken away; the driver's error, of the data or of the connection
   */
  write(): Promise<void>;
}

/** Where {@link writeCheckpointsSql} finds its parameters, as in `$1`. */
export interface CheckpointPlaceholders {
  /** Run id and attempt of the author; null: no run. */
  readonly run: string;
  readonly attempt: string;
  /** Rows as JSON, and the bytes of their values one after the other. */
  readonly rows: string;
  readonly bytes: string;
}

const WRITE_COLUMNS =
  '(thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob, run_id, attempt)';
const ADDRESS = 'thread_id text, checkpoint_ns text';
const VALUE = 'type text, at int, size int';

/**
 * CTEs that write checkpoints, blobs and task writes for every row of the CTE `held` before them, which has one or none. Every part is an
 * upsert whose repetition changes nothing, because a statement is repeated when its outcome is unknown.
 *
 * Raw SQL: one plan for any number of rows, which come as JSON; the bytes of values stand in one parameter.
 */
export function writeCheckpointsSql({ run, attempt, rows, bytes }: CheckpointPlaceholders): string {
  const author = `${run}::uuid, ${attempt}::int`;
  const value = `substring(${bytes}::bytea FROM given.at FOR given.size)`;
  const given = (part: string, columns: string): string =>
    `jsonb_to_recordset(${rows}::jsonb -> '${part}') AS given(${columns})`;
  const writesFrom = (part: string): string => `
  SELECT given.thread_id, given.checkpoint_ns, given.checkpoint_id, given.task_id, given.idx, given.channel, given.type, ${value}, ${author}
  FROM held, ${given(part, `${ADDRESS}, checkpoint_id text, task_id text, idx int, channel text, ${VALUE}`)}`;
  return `blobs AS (
  INSERT INTO langgraph.checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob, run_id, attempt)
  SELECT given.thread_id, given.checkpoint_ns, given.channel, given.version, given.type, ${value}, ${author}
  FROM held, ${given('blobs', `${ADDRESS}, channel text, version text, ${VALUE}`)}
  ON CONFLICT DO NOTHING
), results AS (
  INSERT INTO langgraph.checkpoint_writes ${WRITE_COLUMNS} ${writesFrom('results')}
  ON CONFLICT DO NOTHING
), replacements AS (
  INSERT INTO langgraph.checkpoint_writes AS cw ${WRITE_COLUMNS} ${writesFrom('replacements')}
  ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id, task_id, idx) DO UPDATE SET
    channel = EXCLUDED.channel, type = EXCLUDED.type, blob = EXCLUDED.blob,
    run_id = EXCLUDED.run_id, attempt = EXCLUDED.attempt,
    -- What another run had written is kept for a rollback.
    shadowed = CASE WHEN cw.run_id IS NOT DISTINCT FROM EXCLUDED.run_id THEN cw.shadowed
      ELSE jsonb_build_object('channel', cw.channel, 'type', cw.type, 'blob', encode(cw.blob, 'base64'),
                              'run_id', cw.run_id, 'attempt', cw.attempt, 'shadowed', cw.shadowed) END
), checkpoints AS (
  INSERT INTO langgraph.checkpoints
    (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, run_id, attempt)
  SELECT given.thread_id, given.checkpoint_ns, given.checkpoint_id, given.parent_checkpoint_id, given.checkpoint, given.metadata, ${author}
  FROM held, ${given('checkpoints', `place int, ${ADDRESS}, checkpoint_id text, parent_checkpoint_id text, checkpoint jsonb, metadata jsonb`)}
  -- In this order they get the numbers that say which is the newest.
  ORDER BY given.place
  ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id)
  DO UPDATE SET checkpoint = EXCLUDED.checkpoint, metadata = EXCLUDED.metadata
)`;
}
