/**
 * Removing and copying the checkpoints of a thread, and undoing those of one run.
 */
import type pg from 'pg';
import { LANGGRAPH_SCHEMA } from './checkpoint-schema.js';

type Queryable = pg.Pool | pg.PoolClient;

const TABLES = ['checkpoints', 'checkpoint_blobs', 'checkpoint_writes'] as const;

/** Deletes all checkpoints, blobs and writes of a thread, in one statement. Idempotent. */
export async function deleteThreadCheckpoints(db: Queryable, threadId: string): Promise<void> {
  const [first, ...rest] = TABLES.map(
    (table) => `DELETE FROM "${LANGGRAPH_SCHEMA}".${table} WHERE thread_id = $1`,
  );
  await db.query(`WITH ${rest.map((sql, index) => `part${index} AS (${sql})`).join(', ')} ${first}`, [
    threadId,
  ]);
}

/**
 * Deletes what a run wrote to its thread: checkpoints, blobs and writes, in one statement. A question that one of its
 * writes had replaced is put back. For a rollback; idempotent. Meant for the newest run of the thread: a later run
 * would lose what it inherited.
 */
export async function deleteRunCheckpoints(db: Queryable, threadId: string, runId: string): Promise<void> {
  await db.query(
    `WITH checkpoints AS (
       DELETE FROM "${LANGGRAPH_SCHEMA}".checkpoints WHERE thread_id = $1 AND run_id = $2
     ), blobs AS (
       DELETE FROM "${LANGGRAPH_SCHEMA}".checkpoint_blobs WHERE thread_id = $1 AND run_id = $2
     ), writes AS (
       DELETE FROM "${LANGGRAPH_SCHEMA}".checkpoint_writes
        WHERE thread_id = $1 AND run_id = $2 AND shadowed IS NULL
     )
     UPDATE "${LANGGRAPH_SCHEMA}".checkpoint_writes SET
            channel = shadowed ->> 'channel', type = shadowed ->> 'type',
            blob = decode(shadowed ->> 'blob', 'base64'), run_id = (shadowed ->> 'run_id')::uuid,
            attempt = (shadowed ->> 'attempt')::int, shadowed = NULLIF(shadowed -> 'shadowed', 'null'::jsonb)
      WHERE thread_id = $1 AND run_id = $2 AND shadowed IS NOT NULL`,
    [threadId, runId],
  );
}

/** Copies all checkpoints of a thread to another thread, which must have none, in their order. */
export async function copyThreadCheckpoints(
  db: Queryable,
  fromThreadId: string,
  toThreadId: string,
): Promise<void> {
  const schema = `"${LANGGRAPH_SCHEMA}"`;
  const blobs = 'checkpoint_ns, channel, version, type, blob';
  const writes = 'checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob';
  const checkpoints = 'checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata';
  await db.query(
    `WITH blobs AS (
       INSERT INTO ${schema}.checkpoint_blobs (thread_id, ${blobs})
       SELECT $2, ${blobs} FROM ${schema}.checkpoint_blobs WHERE thread_id = $1
     ), writes AS (
       INSERT INTO ${schema}.checkpoint_writes (thread_id, ${writes})
       SELECT $2, ${writes} FROM ${schema}.checkpoint_writes WHERE thread_id = $1
     )
     INSERT INTO ${schema}.checkpoints (thread_id, ${checkpoints})
     SELECT $2, ${checkpoints} FROM ${schema}.checkpoints WHERE thread_id = $1 ORDER BY commit_seq`,
    [fromThreadId, toThreadId],
  );
}
