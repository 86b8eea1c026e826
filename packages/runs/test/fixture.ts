/**
 * A migrated database of its own for a test file, with an assistant to create runs of, and a worker that is always alive.
 */
import { randomUUID } from 'node:crypto';
import type { RunKwargs } from '@longrun/contracts';
import { createPool } from '@longrun/database';
import { createTestDatabase } from '@longrun/test-stack';
import type pg from 'pg';
import { RunStore, type CreatedRun, type CreateRunInput } from '../src/run-store/index.js';

export const KWARGS: RunKwargs = {
  config: {},
  stream_mode: ['values'],
  subgraphs: false,
  resumable: false,
  temporary: false,
};

export interface Fixture {
  url: string;
  pool: pg.Pool;
  store: RunStore;
  assistantId: string;
  /** Creates a run on a thread of its own, or on the given one. */
  create(overrides?: Partial<CreateRunInput>): Promise<CreatedRun>;
  /** Names and numbers of a run's log. */
  log(runId: string): Promise<{ seq: number; event: string; data: string }[]>;
  close(): Promise<void>;
}

export const GRAPHS = ['graph'];

export async function createFixture(): Promise<Fixture> {
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, poolSize: 20 });
  const store = new RunStore(pool);
  const assistantId = randomUUID();
  await pool.query('INSERT INTO assistant (assistant_id, graph_id, name) VALUES ($1, $2, $2)', [
    assistantId,
    'graph',
  ]);
  return {
    url: database.url,
    pool,
    store,
    assistantId,
    create: (overrides = {}) =>
      store.create({
        runId: randomUUID(),
        threadId: randomUUID(),
        assistantId,
        graphId: 'graph',
        multitaskStrategy: 'enqueue',
        ifThreadMissing: 'create',
        temporaryThread: false,
        afterSeconds: 0,
        priority: 0,
        metadata: {},
        threadMetadata: {},
        resolve: () => ({ kwargs: KWARGS, threadConfig: {}, metadata: {} }),
        ...overrides,
      }),
    log: async (runId) => {
      const { rows } = await pool.query<{ seq: number; event: string; data: string }>(
        'SELECT seq, event, data FROM run_event WHERE run_id = $1 ORDER BY seq',
        [runId],
      );
      return rows;
    },
    close: async () => {
      await pool.end();
      await database.drop();
    },
  };
}
