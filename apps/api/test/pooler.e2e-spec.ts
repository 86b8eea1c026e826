import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createEmptyDatabase,
  startTestPgBouncer,
  waitUntil,
  type TestDatabase,
  type TestPgBouncer,
} from '@longrun/testing';
import type { TestStack } from '@longrun/test-stack';
import { clientOf, collect, ids, ownerPid, runRow, startStack, upTo } from './support.js';

const CLIENTS = 12;

describe('behind a transaction pooler, with DATABASE_DIRECT_URL beside it', () => {
  let database: TestDatabase;
  let pooler: TestPgBouncer;
  let stack: TestStack;
  beforeAll(async () => {
    database = await createEmptyDatabase();
    pooler = await startTestPgBouncer(database.url);
    stack = await startStack({ databaseUrl: pooler.url, env: { DATABASE_DIRECT_URL: database.url } });
  }, 120_000);
  afterAll(async () => {
    await stack?.stop();
    await pooler?.stop();
    await database?.drop();
  });

  it('runs succeed and streams are complete, though connections share their sessions', async () => {
    const client = clientOf(stack);
    const streams = Array.from({ length: CLIENTS }, async () => {
      const { thread_id } = await client.threads.create();
      const seen = await collect(client.runs.stream(thread_id, 'steps', { input: { ms: 20 } }));
      expect(ids(seen)).toEqual(upTo(seen.length));
      return (await client.threads.getState(thread_id)).values as { log: string[] };
    });
    for (const { log } of await Promise.all(streams)) expect(log).toHaveLength(8);
  });

  it('a run goes on when its worker is killed', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const { run_id } = await client.runs.create(thread_id, 'steps', { input: { ms: 300 } });
    await waitUntil(async () => (await runRow(stack, run_id))?.status === 'running');
    process.kill(await ownerPid(stack, run_id), 'SIGKILL');
    await client.runs.join(thread_id, run_id);
    expect(await runRow(stack, run_id)).toMatchObject({ status: 'success', attempt: 2 });
  });
});
