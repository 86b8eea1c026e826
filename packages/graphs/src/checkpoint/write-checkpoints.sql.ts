/**
 * Writes what has lined up of an attempt's checkpoints, blobs and task writes, in one statement that is its own transaction. Every part is
 * an upsert whose repetition changes nothing, because the statement is repeated when its outcome is unknown.
 *
 * The fence is part of it: its first CTE has a row, locked, while the attempt may write. Without one nothing is written and no row comes back.
 *
 * Raw SQL: one round trip, and one plan for any number of rows, which come as JSON; the bytes of values stand in one parameter after the
 * other. $1 run id and $2 attempt of the author (null: no run), $3 rows, $4 bytes.
 */
import { LANGGRAPH_SCHEMA } from './checkpoint-schema.js';

/** SQL of the fence of a write that has asked before: it may happen. */
export const MAY_WRITE = 'SELECT 1';

const TABLES = `"${LANGGRAPH_SCHEMA}"`;
const ADDRESS = 'thread_id text, checkpoint_ns text';
const VALUE = 'type text, at int, size int';
const BYTES = 'substring($4::bytea FROM given.at FOR given.size)';
const WRITE_COLUMNS =
  '(thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob, run_id, attempt)';

/** @param fence SQL with a row while attempt $2 of run $1 may write; it locks what says so */
export function writeCheckpoints(fence: string): string {
  return `
WITH held AS MATERIALIZED (${fence}), blobs AS (
  INSERT INTO ${TABLES}.checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob, run_id, attempt)
  SELECT given.thread_id, given.checkpoint_ns, given.channel, given.version, given.type, ${BYTES}, $1::uuid, $2::int
  FROM held, ${given('blobs', `${ADDRESS}, channel text, version text, ${VALUE}`)}
  ON CONFLICT DO NOTHING
), results AS (
  INSERT INTO ${TABLES}.checkpoint_writes ${WRITE_COLUMNS} ${writesFrom('results')}
  ON CONFLICT DO NOTHING
), replacements AS (
  INSERT INTO ${TABLES}.checkpoint_writes AS cw ${WRITE_COLUMNS} ${writesFrom('replacements')}
  ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id, task_id, idx) DO UPDATE SET
    channel = EXCLUDED.channel, type = EXCLUDED.type, blob = EXCLUDED.blob,
    run_id = EXCLUDED.run_id, attempt = EXCLUDED.attempt,
    -- What another run had written is kept for a rollback.
    shadowed = CASE WHEN cw.run_id IS NOT DISTINCT FROM EXCLUDED.run_id THEN cw.shadowed
      ELSE jsonb_build_object('channel', cw.channel, 'type', cw.type, 'blob', encode(cw.blob, 'base64'),
                              'run_id', cw.run_id, 'attempt', cw.attempt, 'shadowed', cw.shadowed) END
), checkpoints AS (
  INSERT INTO ${TABLES}.checkpoints
    (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, run_id, attempt)
  SELECT given.thread_id, given.checkpoint_ns, given.checkpoint_id, given.parent_checkpoint_id, given.checkpoint, given.metadata, $1::uuid, $2::int
  FROM held, ${given('checkpoints', `place int, ${ADDRESS}, checkpoint_id text, parent_checkpoint_id text, checkpoint jsonb, metadata jsonb`)}
  -- In this order they get the numbers that say which is the newest.
  ORDER BY given.place
  ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id)
  DO UPDATE SET checkpoint = EXCLUDED.checkpoint, metadata = EXCLUDED.metadata
)
SELECT 1 FROM held`;
}

function writesFrom(rows: string): string {
  return `SELECT given.thread_id, given.checkpoint_ns, given.checkpoint_id, given.task_id, given.idx, given.channel, given.type, ${BYTES}, $1::uuid, $2::int
  FROM held, ${given(rows, `${ADDRESS}, checkpoint_id text, task_id text, idx int, channel text, ${VALUE}`)}`;
}

function given(rows: string, columns: string): string {
  return `jsonb_to_recordset($3::jsonb -> '${rows}') AS given(${columns})`;
}
