/**
 * The allowance of a caller on a real server: a bucket that fills, a window that ends, one count for all who ask.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestRedis, waitUntil } from '@longrun/testing';
import type { TestRedis } from '@longrun/testing';
import { ResilientRedisClient, takeAllowance, type Allowance } from '../src/index.js';

let redis: TestRedis;
let clients: ResilientRedisClient[];
beforeAll(async () => {
  redis = await startTestRedis();
  clients = [1, 2].map(() => new ResilientRedisClient({ url: redis.url }));
  await Promise.all(clients.map((client) => client.init()));
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await redis.stop();
});

const NONE: Allowance = { perSecond: 0, burst: 0, quota: 0, windowMs: 0 };
const REQUEST = { requests: 1, runs: 0 };
const RUN = { requests: 1, runs: 1 };

function client(index: number): ResilientRedisClient {
  const one = clients[index % clients.length];
  if (!one) throw new Error('There is no client.');
  return one;
}

describe('a bucket of requests', () => {
  it('lets through the burst, whoever asks, and says when the next may come', async () => {
    const allowance = { ...NONE, perSecond: 1, burst: 5 };
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, i) => takeAllowance(client(i), 'burst', allowance, REQUEST)),
    );
    expect(all.filter(({ refusedBy }) => refusedBy === null)).toHaveLength(5);
    for (const { waitMs } of all.filter(({ refusedBy }) => refusedBy === 'rate')) {
      expect(waitMs).toBeGreaterThan(0);
      expect(waitMs).toBeLessThanOrEqual(1_000);
    }
    expect(await client(0).ttl('burst')).toBeLessThanOrEqual(5);
  });

  it('fills again, and no higher than the burst', async () => {
    const allowance = { ...NONE, perSecond: 100, burst: 3 };
    const take = () => takeAllowance(client(0), 'fills', allowance, REQUEST);
    while ((await take()).refusedBy === null);
    await waitUntil(async () => (await take()).refusedBy === null);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await take()).requestsLeft).toBe(2);
  });
});

describe('a quota of runs', () => {
  it('is all or nothing, costs its request, and begins anew with the next window', async () => {
    const allowance = { ...NONE, quota: 3, windowMs: 300 };
    const take = (runs: number) => takeAllowance(client(runs), 'quota', allowance, { requests: 1, runs });
    expect(await take(2)).toMatchObject({ refusedBy: null, runsLeft: 1 });
    const refused = await take(2);
    expect(refused).toMatchObject({ refusedBy: 'quota', runsLeft: 1 });
    expect(refused.waitMs).toBeLessThanOrEqual(300);
    expect(await take(1)).toMatchObject({ refusedBy: null, runsLeft: 0 });
    expect(await take(0)).toMatchObject({ refusedBy: null });
    await waitUntil(async () => (await take(3)).refusedBy === null);
  });

  it('stands beside the bucket', async () => {
    const allowance = { perSecond: 0.001, burst: 2, quota: 1, windowMs: 60_000 };
    const take = () => takeAllowance(client(0), 'both', allowance, RUN);
    expect([await take(), await take(), await take()].map(({ refusedBy }) => refusedBy)).toEqual([
      null,
      'quota',
      'rate',
    ]);
  });
});
