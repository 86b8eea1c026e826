/**
 * How much Postgres reads for a checkpoint: what belongs to it, however long the history of its thread.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../../test/fixture.js';
import { SELECT_CHECKPOINT } from './checkpoint-sql.js';

const CHECKPOINTS = 2_000;
/** Rows that a checkpoint of one channel is made of: itself, its value, the pair that names the value, and aggregates of them. */
const ROWS_LIMIT = 20;

const threadId = randomUUID();
let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
  // Each has a value of its own, as the checkpoints of a conversation.
  await database.pool.query(
    `INSERT INTO langgraph.checkpoints (thread_id, checkpoint_ns, checkpoint_id, checkpoint, metadata)
     SELECT $1, '', lpad(n::text, 8, '0'), json_build_object('v', 4, 'channel_versions', json_build_object('messages', n::text)), '{}'
     FROM generate_series(1, $2::int) AS n`,
    [threadId, CHECKPOINTS],
  );
  await database.pool.query(
    `INSERT INTO langgraph.checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob)
     SELECT $1, '', 'messages', n::text, 'json', convert_to(n::text, 'UTF8') FROM generate_series(1, $2::int) AS n`,
    [threadId, CHECKPOINTS],
  );
});
afterAll(() => database.close());

interface PlanNode {
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

/** Rows that went through all parts of a plan. */
function rowsOf(node: PlanNode): number {
  const removed = node['Rows Removed by Filter'] ?? 0;
  const below = (node.Plans ?? []).reduce((sum, plan) => sum + rowsOf(plan), 0);
  return (node['Actual Rows'] + removed) * node['Actual Loops'] + below;
}

async function rowsRead(): Promise<number> {
  const { rows } = await database.pool.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${SELECT_CHECKPOINT}
     WHERE cp.thread_id = $1 AND cp.checkpoint_ns = '' ORDER BY cp.commit_seq DESC LIMIT 1`,
    [threadId],
  );
  const plan = rows[0]?.['QUERY PLAN'][0].Plan;
  if (!plan) throw new Error('Postgres explained nothing.');
  return rowsOf(plan);
}

describe('the newest checkpoint of a thread with a long history', () => {
  it('is read with its own values only, before Postgres knows the tables and after', async () => {
    expect(await rowsRead()).toBeLessThanOrEqual(ROWS_LIMIT);
    await database.pool.query('ANALYZE');
    expect(await rowsRead()).toBeLessThanOrEqual(ROWS_LIMIT);
  });

  it('has the value of its version', async () => {
    const { rows } = await database.pool.query<{ checkpoint_id: string; channel_values: Buffer[][] }>(
      `${SELECT_CHECKPOINT} WHERE cp.thread_id = $1 AND cp.checkpoint_ns = '' ORDER BY cp.commit_seq DESC LIMIT 1`,
      [threadId],
    );
    expect(rows[0]?.channel_values.map((parts) => parts.map(String))).toEqual([
      ['messages', 'json', String(CHECKPOINTS)],
    ]);
  });
});
