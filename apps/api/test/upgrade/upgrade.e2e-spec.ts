import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '@longrun/database';
import { setupCheckpointTables } from '@longrun/graphs';
import type { TestStack } from '@longrun/test-stack';
import { createEmptyDatabase, waitUntil, type TestDatabase } from '@longrun/testing';
import pg from 'pg';
import { apiUrl, clientOf, collect, ids, query, replay, runRow, startStack, upTo } from '../support.js';

const MIGRATIONS = new URL('../../../../packages/database/prisma/migrations/', import.meta.url);
const DUMP = new URL('./first-schema.sql', import.meta.url);
const ALL_STEPS = upTo(8).map((step) => `step${step}`);
const thread = (n: number): string => `0000000${n}-0000-4000-8000-000000000000`;
const run = (n: number): string => `1000000${n}-0000-4000-8000-000000000000`;
const DONE = { threadId: thread(1), runId: run(1) };
const ASKS = thread(2);
const WAITS = { threadId: thread(3), runId: run(3) };
const OF_DEAD_WORKER = { threadId: thread(4), runId: run(4) };

type Rows = Map<string, Record<string, unknown>[]>;

/** Every row of every table. */
async function allRows(pool: pg.Pool): Promise<Rows> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname IN ('public', 'langgraph') ORDER BY 1`,
  );
  const found: Rows = new Map();
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: Record<string, unknown> }>(
      `SELECT to_jsonb(t) AS row FROM ${name} AS t`,
    );
    found.set(
      name,
      rows.map(({ row }) => row),
    );
  }
  return found;
}

describe('a database of the first schema, with data', () => {
  let database: TestDatabase;
  let stack: TestStack;
  let before: Rows;
  let after: Rows;
  beforeAll(async () => {
    database = await createEmptyDatabase();
    const pool = new pg.Pool({ connectionString: database.url });
    // A dump that a later migration of ours does not fit into would be a broken promise, not a reason to change the dump.
    await pool.query(await readFile(DUMP, 'utf8'));
    before = await allRows(pool);
    await migrate(database.url);
    await setupCheckpointTables(pool);
    after = await allRows(pool);
    await pool.end();
    // The dump does not grow older than its logs are kept.
    const env = { RUN_EVENT_RETENTION_SECONDS: String(100 * 365 * 86_400) };
    stack = await startStack({ databaseUrl: database.url, apis: 1, workers: 1, env });
  }, 120_000);
  afterAll(async () => {
    await stack.stop();
    await database.drop();
  });

  it('has rows in every table, and is brought to today by every migration since', async () => {
    expect([...before].filter(([, rows]) => rows.length === 0).map(([name]) => name)).toEqual([]);
    const names = (await readdir(MIGRATIONS, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const applied = await query<{ migration_name: string }>(
      stack,
      'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1',
    );
    expect(applied.map((row) => row.migration_name)).toEqual(names.map((entry) => entry.name).sort());
  });

  it('keeps every value of every row', () => {
    for (const [name, rows] of before) {
      const left = after.get(name) ?? [];
      for (const row of rows)
        expect([name, left]).toEqual([name, expect.arrayContaining([expect.objectContaining(row)])]);
    }
  });

  it('replays the stream of a run that had ended', async () => {
    const events = await replay(clientOf(stack), DONE.threadId, DONE.runId);
    const logged = await query<{ event: string; data: string }>(
      stack,
      'SELECT event, data FROM run_event WHERE run_id = $1 ORDER BY seq',
      [DONE.runId],
    );
    expect(ids(events)).toEqual(upTo(18));
    expect(logged).toHaveLength(19);
    expect(events.map(({ event, data }) => ({ event, data }))).toEqual(
      logged.slice(0, -1).map(({ event, data }) => ({ event, data: JSON.parse(data) as unknown })),
    );
  });

  it('shows the state and the whole history of a thread, and goes on from it', async () => {
    const { threads, runs } = clientOf(stack);
    expect((await threads.get(DONE.threadId)).values).toEqual({ log: ALL_STEPS, ms: 1 });
    expect((await threads.getState(DONE.threadId)).values).toEqual({ log: ALL_STEPS, ms: 1 });
    const history = await threads.getHistory<{ log: string[] }>(DONE.threadId, { limit: 100 });
    // Each is one step longer than the one before; the first is of the input.
    expect(history.map(({ values }) => (values.log ?? []).length)).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0, 0]);
    const values = await runs.wait(DONE.threadId, 'steps', { input: { ms: 1 } });
    expect(values).toEqual({ log: [...ALL_STEPS, ...ALL_STEPS], ms: 1 });
  });

  it('executes the run that was pending to its end, with the config of its assistant', async () => {
    const events = await collect(
      clientOf(stack).runs.joinStream(WAITS.threadId, WAITS.runId, { lastEventId: '-1' }),
    );
    expect(ids(events)).toEqual(upTo(events.length));
    expect(await runRow(stack, WAITS.runId)).toMatchObject({ status: 'success', attempt: 1 });
    expect((await clientOf(stack).threads.get(WAITS.threadId)).values).toMatchObject({ log: ALL_STEPS });
  });

  it('rescues the run of a worker that died with the old version', async () => {
    await waitUntil(async () => (await runRow(stack, OF_DEAD_WORKER.runId))?.status === 'success', {
      message: 'the run to be rescued',
    });
    const events = await replay(clientOf(stack), OF_DEAD_WORKER.threadId, OF_DEAD_WORKER.runId);
    expect(ids(events)).toEqual(upTo(events.length));
    expect(await runRow(stack, OF_DEAD_WORKER.runId)).toMatchObject({ attempt: 2 });
  });

  it('answers a question that was asked with the old version', async () => {
    const client = clientOf(stack);
    expect((await client.threads.getState(ASKS)).next).toEqual(['second']);
    const values = await client.runs.wait(ASKS, 'ask', { command: { resume: 'no' } });
    expect(values).toMatchObject({ log: ['first:yes', 'second:no', 'acted'] });
  });

  it('shows runs of every end, assistants with their version, and items of the store', async () => {
    const client = clientOf(stack);
    const statuses = await Promise.all([5, 6, 7].map((n) => client.runs.get(thread(n), run(n))));
    expect(statuses.map(({ status }) => status)).toEqual(['error', 'timeout', 'interrupted']);
    const [version] = await client.assistants.getVersions(thread(9));
    expect(version).toMatchObject({ version: 1, name: 'mine', config: { configurable: { tone: 'calm' } } });
    const answer = await fetch(`${apiUrl(stack)}/store/items?namespace=users&namespace=ann&key=colour`);
    expect(await answer.json()).toMatchObject({ value: { favourite: 'blue' } });
    const found = await client.threads.search({ metadata: { graph_id: 'steps' }, status: 'error' });
    expect(found).toHaveLength(2);
  });
});
