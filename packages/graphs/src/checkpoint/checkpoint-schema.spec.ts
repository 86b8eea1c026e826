import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { createDatabase, type TestDatabase } from '../../test/fixture.js';
import { LANGGRAPH_SCHEMA, setupCheckpointTables } from './checkpoint-schema.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
  await database.pool.query(`DROP SCHEMA ${LANGGRAPH_SCHEMA} CASCADE`);
});
afterEach(() => database.close());

async function columns(): Promise<string[]> {
  const { rows } = await database.pool.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = $1`,
    [LANGGRAPH_SCHEMA],
  );
  return rows.map((row) => row.name);
}

describe('the setup of the tables', () => {
  it('may be called by many processes at once, and again', async () => {
    await Promise.all(Array.from({ length: 8 }, () => setupCheckpointTables(database.pool)));
    await setupCheckpointTables(database.pool);
    expect(await columns()).toEqual(
      expect.arrayContaining([
        'checkpoints.commit_seq',
        'checkpoint_blobs.run_id',
        'checkpoint_writes.attempt',
        'store.value',
      ]),
    );
  });

  it('waits for no lock on a table when there is nothing to do', async () => {
    await setupCheckpointTables(database.pool);
    const client = await database.pool.connect();
    await client.query('BEGIN');
    await client.query(`LOCK TABLE ${LANGGRAPH_SCHEMA}.checkpoints IN ROW EXCLUSIVE MODE`);
    await setupCheckpointTables(database.pool);
    await client.query('ROLLBACK');
    client.release();
  });

  it('numbers the checkpoints that the stock saver has left, in their order, and later ones above', async () => {
    const stock = new PostgresSaver(database.pool, undefined, { schema: LANGGRAPH_SCHEMA });
    await stock.setup();
    const insert = (id: string): Promise<unknown> =>
      database.pool.query(
        `INSERT INTO ${LANGGRAPH_SCHEMA}.checkpoints (thread_id, checkpoint_id, checkpoint) VALUES ($1, $2, '{}')`,
        [thread, id],
      );
    const thread = randomUUID();
    for (const id of ['2', '3', '1']) await insert(id);
    await setupCheckpointTables(database.pool);
    await insert('0');
    const { rows } = await database.pool.query<{ checkpoint_id: string }>(
      `SELECT checkpoint_id FROM ${LANGGRAPH_SCHEMA}.checkpoints ORDER BY commit_seq`,
    );
    expect(rows.map((row) => row.checkpoint_id)).toEqual(['1', '2', '3', '0']);
  });
});
