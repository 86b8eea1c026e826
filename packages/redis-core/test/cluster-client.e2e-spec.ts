/**
 * The client on a real cluster: the policies are the same, and what concerns all servers reaches all of them.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestRedisCluster, waitUntil } from '@longrun/testing';
import type { TestRedisCluster } from '@longrun/testing';

import { ResilientRedisClient } from '../src/index.js';

let cluster: TestRedisCluster;
let redis: ResilientRedisClient;

beforeAll(async () => {
  cluster = await startTestRedisCluster();
  redis = new ResilientRedisClient({ url: cluster.url });
  await redis.init();
}, 60_000);
afterAll(async () => {
  await redis.close();
  await cluster.stop();
});

describe('the client on a cluster', () => {
  it('finds the keys of every server by a scan', async () => {
    const keys = Array.from({ length: 300 }, (_, i) => `key:${String(i)}`);
    const results = await redis.pipeline(keys.map((key) => ['SET', key, '1']));
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    const found = new Set<string>();
    for await (const key of redis.scan({ match: 'key:*', count: 20 })) found.add(key);
    expect([...found].sort()).toEqual([...keys].sort());
  });

  it('publishes to whoever listens, waits for entries, and runs scripts where their keys are', async () => {
    const messages: string[] = [];
    await redis.kit.subscriber.subscribe('events:{a}', (message) => messages.push(message)).ready;
    expect(await redis.publish('events:{a}', 'hello')).toBe(1);
    await waitUntil(() => messages.length > 0);
    expect(messages).toEqual(['hello']);

    await redis.xadd('stream:{b}', '1-0', { a: 1 });
    const read = await redis.xread({ 'stream:{b}': '0' }, { blockMs: 1_000 });
    expect(read.get('stream:{b}')?.map(({ id }) => id)).toEqual(['1-0']);

    const script = { name: 'add', numberOfKeys: 1, lua: "return redis.call('INCRBY', KEYS[1], ARGV[1])" };
    for (const key of ['a', 'b', 'c', 'd'])
      expect(await redis.runScript(script, [`n:{${key}}`], [2])).toBe(2);
  });

  it('refuses what has keys on several servers, and goes on', async () => {
    await expect(redis.del(['a', 'b', 'c'])).rejects.toMatchObject({
      outcome: 'definitive',
      code: 'CROSSSLOT',
    });
    expect(redis.breaker.state).toEqual({ kind: 'closed' });
    expect(await redis.ping()).toBe('PONG');
  });
});
