/**
 * Removing and copying the checkpoints of a thread, and undoing those of one run.
 */
import { UNDO_RUN_CHECKPOINTS } from '@longrun/contracts';
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

/** Deletes what a run wrote to its thread; see {@link UNDO_RUN_CHECKPOINTS}. */
export async function deleteRunCheckpoints(db: Queryable, threadId: string, runId: string): Promise<void> {
  await db.query(UNDO_RUN_CHECKPOINTS, [threadId, runId]);
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
