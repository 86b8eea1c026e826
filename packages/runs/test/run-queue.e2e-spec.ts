import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sessionSettings } from '@longrun/database';
import { ResilientRedisClient } from '@longrun/redis-core';
import { askRedis, startTestRedis, waitUntil, type TestRedis } from '@longrun/testing';
import { BullRunQueue, PostgresRunSource } from '../src/index.js';
import { createFixture, GRAPHS, type Fixture } from './fixture.js';

describe('the queue of runs', () => {
  const processed: string[] = [];
  let fixture: Fixture;
  let server: TestRedis;
  let redis: ResilientRedisClient;
  let queue: BullRunQueue;
  let source: PostgresRunSource;
  beforeAll(async () => {
    fixture = await createFixture();
    server = await startTestRedis();
    redis = new ResilientRedisClient({ url: server.url });
    await redis.init();
    queue = new BullRunQueue(redis, fixture.pool);
    source = new PostgresRunSource({
      store: fixture.store,
      executor: {
        activeCount: 0,
        isDraining: false,
        process: async (runId) => processed.push(runId) > 0,
      },
      graphIds: GRAPHS,
      capacity: 100,
      session: sessionSettings({ url: fixture.url, applicationName: 'test-runs' }),
      isNeeded: () => !redis.available,
    });
    source.start();
    await waitUntil(listens, { message: 'the source to listen' });
  }, 60_000);
  afterAll(async () => {
    server.signal('SIGCONT');
    await source.stop();
    await queue.close();
    await redis.close();
    await server.stop();
    await fixture.close();
  });

  const listens = async () => {
    const { rows } = await fixture.pool.query(
      "SELECT FROM pg_stat_activity WHERE application_name = 'test-runs' AND query LIKE 'LISTEN%' AND state = 'idle'",
    );
    return rows.length > 0;
  };
  const enqueued = async () => {
    const { runId, dispatch } = await fixture.create();
    if (dispatch) void queue.enqueue([dispatch]);
    return runId;
  };
  const isBrought = (runId: string, timeoutMs: number) =>
    waitUntil(() => processed.includes(runId), { timeoutMs, message: 'the run to be brought' });

  it('leaves runs to Redis as long as that takes them', async () => {
    const runId = await enqueued();
    await waitUntil(async () => (await askRedis(server.port, 'EXISTS', `{longrun}:runs:${runId}-1`)) === 1);
    expect(processed).toEqual([]);
  });

  it('says which entries still wait in it: not those that were fetched, lost or never made', async () => {
    const runs = [await enqueued(), await enqueued(), await enqueued()];
    const [waiting = '', fetched = '', lost = ''] = runs;
    const key = (runId: string) => `{longrun}:runs:${runId}-1`;
    for (const runId of runs)
      await waitUntil(async () => (await askRedis(server.port, 'EXISTS', key(runId))) === 1);
    await askRedis(server.port, 'HSET', key(fetched), 'processedOn', '1');
    await askRedis(server.port, 'DEL', key(lost));
    const entries = [waiting, fetched, lost, 'never'].map((runId) => ({ runId, dispatch: 1 }));
    expect(await queue.waiting(entries)).toEqual(new Set([waiting]));
    expect(await queue.waiting([{ runId: waiting, dispatch: 2 }])).toEqual(new Set());
  });

  it('brings a run through Postgres that Redis has no memory for, although it answers', async () => {
    await askRedis(server.port, 'CONFIG', 'SET', 'maxmemory', 1);
    const runId = await enqueued();
    await isBrought(runId, 2_000);
    expect(redis.available).toBe(true);
    await askRedis(server.port, 'CONFIG', 'SET', 'maxmemory', 0);
  });

  it('brings a run soon when Redis is frozen and nobody knows it yet', async () => {
    server.signal('SIGSTOP');
    const runId = await enqueued();
    // The answer is waited for longer than that.
    await isBrought(runId, 1_500);
    // Of what it cannot say it says nothing, and does not wait for the answer.
    expect(await queue.waiting([{ runId, dispatch: 1 }])).toEqual(new Set());
    server.signal('SIGCONT');
  });
});
