/**
 * The databases that tests start for themselves.
 */
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { identify } from '@longrun/local-services';
import pg from 'pg';

import { createEmptyDatabase, startTestRedis } from '../src/index.js';

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
