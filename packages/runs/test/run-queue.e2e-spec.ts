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
    server.signal('SIGCONT');
  });
});
