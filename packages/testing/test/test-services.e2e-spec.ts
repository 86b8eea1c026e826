/**
 * The databases that tests start for themselves.
 */
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { identify } from '@longrun/local-services';
import pg from 'pg';

import {
  askRedis,
  createEmptyDatabase,
  startTestRedis,
  startTestRedisCluster,
  startTestSentinel,
} from '../src/index.js';

let cleanups: (() => Promise<void>)[] = [];

async function count(url: string, what: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${what}`)).rows[0]?.n ?? -1;
  } finally {
    await client.end();
  }
}

afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  cleanups = [];
});

describe('a test database', () => {
  it('is empty, of its own, and gone after the test', async () => {
    const [first, second] = await Promise.all([createEmptyDatabase(), createEmptyDatabase()]);
    expect(first.url).not.toBe(second.url);
    expect(await count(first.url, "pg_tables WHERE schemaname = 'public'")).toBe(0);
    await Promise.all([first.drop(), second.drop()]);
    await expect(count(first.url, 'pg_tables')).rejects.toThrow();
  });
});

describe('a test Redis', () => {
  it('is killed and started again on the same port, and leaves nothing', async () => {
    const redis = await startTestRedis({ serverArguments: ['--maxclients', '77'] });
    cleanups.push(() => redis.stop());
    const { pid, url } = redis;
    await redis.kill();
    expect(identify(pid)).toBeUndefined();
    await redis.restart();
    expect(redis.pid).not.toBe(pid);
    expect([redis.url, redis.url.includes(String(redis.port))]).toEqual([url, true]);
    const last = redis.pid;
    await redis.stop();
    expect(identify(last)).toBeUndefined();
    expect(existsSync(redis.dataDir)).toBe(false);
  });
});

describe('test servers that belong together', () => {
  it('are a cluster whose slots can be moved, and leave nothing', async () => {
    const cluster = await startTestRedisCluster({ masters: 2, replicas: 0 });
    cleanups.push(() => cluster.stop());
    const [first, second] = cluster.servers;
    if (first === undefined || second === undefined) throw new Error('Two servers were asked for.');
    expect(cluster.url).toBe(
      `redis-cluster://127.0.0.1:${String(first.port)},127.0.0.1:${String(second.port)}`,
    );
    // '123456789' is in slot 12739.
    expect(await cluster.masterOf(12_739)).toBe(second);
    await askRedis(second.port, 'SET', '123456789', 'moved');
    await cluster.moveSlot(12_739, first);
    expect(await cluster.masterOf(12_739)).toBe(first);
    expect(await askRedis(first.port, 'GET', '123456789')).toBe('moved');
    await expect(askRedis(second.port, 'GET', '123456789')).rejects.toThrow(/^MOVED 12739 /);
    const pids = cluster.servers.map(({ pid }) => pid);
    await cluster.stop();
    expect(pids.map((pid) => identify(pid))).toEqual([undefined, undefined]);
  });

  it('are a primary, a replica and Sentinels that agree on it, also when some of them are frozen at the end', async () => {
    const world = await startTestSentinel();
    cleanups.push(() => world.stop());
    expect(await world.primary()).toBe(world.servers[0]);
    expect(await askRedis(world.servers[1]?.port ?? 0, 'ROLE')).toContain('slave');
    const pids = [...world.servers, ...world.sentinels].map(({ pid }) => pid);
    world.servers[0]?.signal('SIGSTOP');
    world.sentinels[0]?.signal('SIGSTOP');
    await world.stop();
    expect(pids.map((pid) => identify(pid))).toEqual(pids.map(() => undefined));
  });
});
