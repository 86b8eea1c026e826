/**
 * Every typed method of the client against a real server: what it sends, and what it makes of the answer.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestRedis, waitUntil } from '@longrun/testing';
import type { TestRedis } from '@longrun/testing';

import { RedisError, ResilientRedisClient } from '../src/index.js';

let server: TestRedis;
let redis: ResilientRedisClient;

beforeAll(async () => {
  server = await startTestRedis();
  redis = new ResilientRedisClient({ url: server.url });
  await redis.init();
});

afterAll(async () => {
  await redis.close();
  await server.stop();
});

beforeEach(async () => {
  await redis.execute(['FLUSHALL']);
});

describe('strings', () => {
  it('are set and read, and a key that is not there is null', async () => {
    expect(await redis.get('a')).toBeNull();
    expect(await redis.set('a', 'ä\u0000b')).toBe(true);
    expect(await redis.get('a')).toBe('ä\u0000b');
    expect(await redis.exists(['a', 'b'])).toBe(1);
    expect(await redis.del(['a', 'b'])).toBe(1);
  });

  it('are set only if absent with nx, only if present with xx', async () => {
    expect(await redis.set('a', '1', { xx: true })).toBe(false);
    expect(await redis.set('a', '1', { nx: true })).toBe(true);
    expect(await redis.set('a', '2', { nx: true })).toBe(false);
    expect(await redis.get('a')).toBe('1');
    await expect(redis.set('a', '1', { nx: true, xx: true })).rejects.toThrow(TypeError);
    await expect(redis.set('a', '1', { ex: 1, px: 1 })).rejects.toThrow(/ex or px/);
  });

  it('answer what was there before with setGet', async () => {
    expect(await redis.setGet('a', '1')).toBeNull();
    expect(await redis.setGet('a', '2')).toBe('1');
  });

  it('live as long as they are told to', async () => {
    await redis.set('a', '1', { ex: 100 });
    expect(await redis.ttl('a')).toBe(100);
    await redis.set('a', '1', { px: 50_000 });
    expect(await redis.ttl('a')).toBe(50);
    expect(await redis.expire('a', 10)).toBe(true);
    expect(await redis.pexpire('a', 20_000)).toBe(true);
    expect(await redis.ttl('a')).toBe(20);
    expect(await redis.expire('b', 10)).toBe(false);
    expect(await redis.ttl('b')).toBe(-2);
  });

  it('count', async () => {
    expect(await redis.incr('n')).toBe(1);
    expect(await redis.incr('n', { by: 41 })).toBe(42);
  });
});

describe('hashes', () => {
  it('hold fields of any name', async () => {
    expect(await redis.hset('h', 'a', '1')).toBe(true);
    expect(await redis.hset('h', 'a', '2')).toBe(false);
    expect(await redis.hsetMap('h', { ['__proto__']: 'p', b: 3 })).toBe(2);
    expect(await redis.hget('h', 'a')).toBe('2');
    expect(await redis.hget('h', 'x')).toBeNull();
    const all = await redis.hgetall('h');
    expect(Object.entries(all).sort()).toEqual([
      ['__proto__', 'p'],
      ['a', '2'],
      ['b', '3'],
    ]);
    expect(await redis.hdel('h', ['a', 'x'])).toBe(1);
    expect(Object.keys(await redis.hgetall('none'))).toEqual([]);
  });
});

describe('sorted sets', () => {
  it('are ranged by rank and by score, in both directions', async () => {
    const members = [
      { member: 'low', score: -Infinity },
      { member: 'mid', score: 1.5 },
      { member: 'high', score: Infinity },
    ];
    expect(await redis.zadd('z', members)).toBe(3);
    expect(await redis.zadd('z', [{ member: 'mid', score: 2 }], { ch: true })).toBe(1);
    expect(await redis.zadd('z', [{ member: 'mid', score: 9 }], { nx: true })).toBe(0);
    expect(await redis.zrange('z', 0, -1)).toEqual(['low', 'mid', 'high']);
    expect(await redis.zrange('z', 0, 0, { rev: true })).toEqual(['high']);
    expect(await redis.zrangeWithScores('z', 0, -1)).toEqual([
      { member: 'low', score: -Infinity },
      { member: 'mid', score: 2 },
      { member: 'high', score: Infinity },
    ]);
    expect(await redis.zrangeByScore('z', '(2', Infinity)).toEqual(['high']);
    expect(await redis.zrangeByScore('z', -Infinity, Infinity, { limit: { offset: 1, count: 1 } })).toEqual([
      'mid',
    ]);
    expect(await redis.zrem('z', ['low', 'none'])).toBe(1);
    expect(await redis.zcard('z')).toBe(2);
  });
});

describe('lists', () => {
  it('grow at both ends and are trimmed', async () => {
    expect(await redis.rpush('l', ['b', 'c'])).toBe(2);
    expect(await redis.lpush('l', 'a')).toBe(3);
    expect(await redis.lrange('l', 0, -1)).toEqual(['a', 'b', 'c']);
    await redis.ltrim('l', 1, -1);
    expect(await redis.lrange('l', 0, -1)).toEqual(['b', 'c']);
  });
});

describe('streams', () => {
  it('are appended, ranged, trimmed and read', async () => {
    expect(await redis.xadd('s', '*', { a: 1 }, { noMkStream: true })).toBeNull();
    expect(await redis.xadd('s', '1-1', { a: 1, b: 'x' })).toBe('1-1');
    await redis.xadd('s', '2-0', { a: 2 }, { maxLength: 100 });
    expect(await redis.xlen('s')).toBe(2);
    expect(await redis.xrange('s', '-', '+', { count: 1 })).toEqual([
      { id: '1-1', fields: expect.objectContaining({ a: '1', b: 'x' }) },
    ]);
    expect((await redis.xrevrange('s', '+', '-')).map(({ id }) => id)).toEqual(['2-0', '1-1']);
    const read = await redis.xread({ s: '1-1', none: '0' });
    expect([...read.keys()]).toEqual(['s']);
    expect(read.get('s')).toEqual([{ id: '2-0', fields: expect.objectContaining({ a: '2' }) }]);
    expect(await redis.xtrim('s', 1)).toBe(1);
    await expect(redis.xadd('s', '1-1', { a: 1 })).rejects.toMatchObject({ outcome: 'definitive' });
  });

  it('are waited for without holding up other commands', async () => {
    const waiting = redis.xread({ s: '$' }, { blockMs: 10_000 });
    // Other commands pass while the reader waits; it must be waiting before the entry comes.
    for (;;) {
      if (/blocked_clients:1/.test(String(await redis.execute(['INFO', 'clients'])))) break;
    }
    await redis.xadd('s', '5-0', { a: 'late' });
    const read = await waiting;
    expect(read.get('s')?.[0]?.id).toBe('5-0');
    expect(await redis.xread({ s: '$' }, { blockMs: 10 })).toEqual(new Map());
  });

  it('stop being waited for when the caller gives up, and the connection is not lent again', async () => {
    const controller = new AbortController();
    const waiting = redis.xread({ s: '$' }, { blockMs: 60_000, signal: controller.signal });
    for (;;) {
      if (/blocked_clients:1/.test(String(await redis.execute(['INFO', 'clients'])))) break;
    }
    controller.abort();
    await expect(waiting).rejects.toBeInstanceOf(RedisError);
    expect(redis.connectionInfo().connections.exclusiveInUse).toBe(0);
  });
});

describe('everything else', () => {
  it('goes through execute', async () => {
    expect(await redis.execute(['SADD', 's', 'a', 'b'])).toBe(2);
    expect(await redis.execute(['SCARD', 's'], { idempotent: true })).toBe(2);
    await expect(redis.execute(['GET', 's'])).rejects.toMatchObject({
      outcome: 'definitive',
      code: 'WRONGTYPE',
    });
  });

  it('is published, evaluated and scanned', async () => {
    const messages: string[] = [];
    const arrived = new Promise<void>((resolve) => {
      const { ready } = redis.kit.subscriber.subscribe('channel', (message) => {
        messages.push(message);
        resolve();
      });
      void ready.then(() => redis.publish('channel', 'hello'));
    });
    await arrived;
    expect(messages).toEqual(['hello']);
    expect(await redis.eval('return {KEYS[1], ARGV[1]}', { keys: ['k'], args: ['v'] })).toEqual(['k', 'v']);

    const keys = Array.from({ length: 1_000 }, (_, i) => `key:${String(i)}`);
    const results = await redis.pipeline(keys.map((key) => ['SET', key, '1']));
    expect(results).toHaveLength(1_000);
    expect(results.every(({ ok }) => ok)).toBe(true);
    await redis.set('other', '1');
    const found = new Set<string>();
    for await (const key of redis.scan({ match: 'key:*', count: 50 })) found.add(key);
    expect([...found].sort()).toEqual([...keys].sort());
  });

  it('runs a script by its hash, and loads it again when the server has lost it', async () => {
    const script = { name: 'add', numberOfKeys: 1, lua: "return redis.call('INCRBY', KEYS[1], ARGV[1])" };
    expect(await redis.runScript(script, ['n'], [2])).toBe(2);
    await redis.execute(['SCRIPT', 'FLUSH']);
    expect(await redis.runScript(script, ['n'], [3])).toBe(5);
    await expect(redis.runScript(script, [], [3])).rejects.toThrow(/takes 1 keys, got 0/);
  });

  it('comes back from a pipeline one by one: a failure is only its own', async () => {
    await redis.set('text', 'x');
    const results = await redis.pipeline([
      ['INCR', 'n'],
      ['INCR', 'text'],
      ['INCR', 'n'],
    ]);
    expect(results.map((result) => (result.ok ? result.value : result.error.outcome))).toEqual([
      1,
      'definitive',
      2,
    ]);
    await expect(redis.pipeline([['PING']], { chunkSize: 0 })).rejects.toThrow(/chunkSize is 0/);
  });
});

describe('the state at a glance', () => {
  it('counts connections, permits and latency', async () => {
    expect(await redis.getLatency()).toBeGreaterThan(0);
    await waitUntil(() => redis.connectionInfo().server);
    const info = redis.connectionInfo();
    expect(info).toMatchObject({
      available: true,
      permits: { limit: 40, inUse: 0, waiting: 0 },
      breaker: { kind: 'closed' },
      recovery: { entries: 0 },
    });
    expect(info.connections.open).toBeGreaterThanOrEqual(2);
    expect(info.connections.ceiling).toBe(50);
    expect(info.latency.p50Ms).toBeGreaterThan(0);
    expect(info.server?.connectedClients).toBeGreaterThanOrEqual(2);
  });
});
