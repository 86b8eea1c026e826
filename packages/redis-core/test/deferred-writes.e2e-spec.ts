/**
 * Writes during an outage of a real server: in line, later, or not at all, and always with the truth.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestRedis, waitUntil } from '@longrun/testing';
import type { TestRedis } from '@longrun/testing';

import { ResilientRedisClient } from '../src/index.js';
import type { StoreOptions } from '../src/index.js';

const LIMIT_MS = 300;
let server: TestRedis;
let redis: ResilientRedisClient;

beforeEach(async () => {
  server = await startTestRedis();
  redis = new ResilientRedisClient({
    url: server.url,
    operationTimeoutMs: LIMIT_MS,
    connectTimeoutMs: LIMIT_MS,
    deferredBaseDelayMs: 10,
  });
  await redis.init();
});

afterEach(async () => {
  await redis.close();
  await server.stop();
});

async function takeServerAway(): Promise<void> {
  await server.kill();
  await waitUntil(() => !redis.available);
}

function append(key: string, value: string, options?: StoreOptions) {
  return redis.storeWithRetry(key, () => redis.rpush(key, value, { idempotent: true }), options);
}

describe('a write while Redis is there', () => {
  it('is done at once and answers its value', async () => {
    expect(await append('a', '1')).toEqual({ state: 'stored', value: 1 });
  });

  it('that no repetition can mend is thrown at the caller, whatever its priority', async () => {
    await redis.set('text', 'x');
    for (const priority of ['critical', 'high', 'normal', 'low'] as const) {
      await expect(append('text', '1', { priority })).rejects.toMatchObject({ code: 'WRONGTYPE' });
    }
  });
});

describe('a write while Redis is away', () => {
  it('of normal or high priority is deferred, really executed when Redis is back, in order, and says so', async () => {
    await takeServerAway();
    const results = [];
    for (let i = 0; i < 50; i += 1) {
      results.push(await append(`list:${String(i % 5)}`, String(i), { priority: i % 2 ? 'high' : 'normal' }));
    }
    expect(results.map(({ state }) => state)).toEqual(Array.from({ length: 50 }, () => 'deferred'));
    expect(redis.connectionInfo().recovery).toMatchObject({ entries: 50, running: 0 });

    await server.restart();
    const outcomes = await Promise.all(
      results.map(async (result) => (result.state === 'deferred' ? result.outcome : undefined)),
    );
    expect(outcomes).toEqual(Array.from({ length: 50 }, () => ({ state: 'stored' })));
    for (let key = 0; key < 5; key += 1) {
      const wanted = Array.from({ length: 10 }, (_, i) => String(key + 5 * i));
      expect(await redis.lrange(`list:${String(key)}`, 0, -1)).toEqual(wanted);
    }
    expect(redis.connectionInfo().recovery).toMatchObject({ entries: 0, bytes: 0, stored: 50 });
  });

  it('that is critical waits in line, and is not overtaken by what was deferred before it', async () => {
    await takeServerAway();
    const deferred = await append('list', 'first');
    expect(deferred.state).toBe('deferred');
    const critical = append('list', 'second', { priority: 'critical', timeoutMs: 10_000 });
    await server.restart();
    expect(await critical).toEqual({ state: 'stored', value: 2 });
    expect(await redis.lrange('list', 0, -1)).toEqual(['first', 'second']);
  });

  it('that is critical fails with the truth when Redis does not come back in time', async () => {
    await takeServerAway();
    const failure: unknown = await append('list', '1', { priority: 'critical', timeoutMs: 200 }).catch(
      (error: unknown) => error,
    );
    // What the write was doing at that moment only the write knows.
    expect(failure).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
  });

  it('of low priority is dropped and counted', async () => {
    await takeServerAway();
    const result = await append('list', '1', { priority: 'low' });
    expect(result.state).toBe('dropped');
    expect(redis.stats.droppedLow).toBeGreaterThanOrEqual(1);
    await server.restart();
    await waitUntil(() => redis.available);
    expect(await redis.exists('list')).toBe(0);
  });

  it('is dropped with its reason when too much waits, the oldest of the lowest first', async () => {
    await redis.close();
    redis = new ResilientRedisClient({
      url: server.url,
      operationTimeoutMs: LIMIT_MS,
      connectTimeoutMs: LIMIT_MS,
      deferredMaxEntries: 2,
    });
    await redis.init();
    await takeServerAway();
    const [oldest, high] = [await append('a', '1'), await append('b', '2', { priority: 'high' })];
    const newest = await append('c', '3');
    if (oldest.state !== 'deferred' || high.state !== 'deferred' || newest.state !== 'deferred') {
      throw new Error('not deferred');
    }
    expect(await oldest.outcome).toEqual({ state: 'dropped', reason: 'overflow' });
    await server.restart();
    expect(await Promise.all([high.outcome, newest.outcome])).toEqual([
      { state: 'stored' },
      { state: 'stored' },
    ]);
    expect(await redis.exists(['a', 'b', 'c'])).toBe(2);
  });

  it('says so when the client is closed first', async () => {
    await takeServerAway();
    const result = await append('a', '1');
    await redis.close();
    expect(result.state === 'deferred' && (await result.outcome)).toEqual({
      state: 'dropped',
      reason: 'closed',
    });
  });

  it('is tried as often as it may be, and no number of tries is taken for another', async () => {
    for (const attempts of [0, -1, 1.5, NaN]) {
      await expect(append('a', '1', { attempts })).rejects.toThrow(/attempts/);
    }
    let tries = 0;
    const result = await redis
      .storeWithRetry(
        'a',
        () => {
          tries += 1;
          return redis.execute(['OBJECT', 'HELP'], { timeoutMs: 1e-9, idempotent: true });
        },
        { attempts: 2, baseDelayMs: 1, maxDelayMs: 1 },
      )
      .catch((error: unknown) => error);
    expect(tries).toBeGreaterThanOrEqual(1);
    expect(result).toBeDefined();
  });
});
