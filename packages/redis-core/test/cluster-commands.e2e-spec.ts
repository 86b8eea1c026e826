/**
 * Commands on a real cluster: every one reaches the server that has its keys, once, also while slots move.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { askRedis, startTestRedisCluster, waitUntil } from '@longrun/testing';
import type { TestRedis, TestRedisCluster } from '@longrun/testing';
import keySlot from 'cluster-key-slot';

import type { RedisKit, RedisScript } from '../src/index.js';
import { Kits } from './kits.js';

const LIMIT_MS = 1_000;
const kits = new Kits(LIMIT_MS);
/** Keys of three servers. */
const KEYS = ['{a}', '{b}', '{c}', '{d}', '{e}', '{f}', '{g}', '{h}'];
let cluster: TestRedisCluster;
let kit: RedisKit;

/** How often a server has refused a command because the slot is elsewhere. */
async function movedErrors(server: TestRedis): Promise<number> {
  const stats = String(await askRedis(server.port, 'INFO', 'errorstats'));
  return Number(/errorstat_MOVED:count=(\d+)/.exec(stats)?.[1] ?? 0);
}

function masters(): TestRedis[] {
  return cluster.servers.slice(0, 3);
}

/** A master that does not have the slot of the key. */
async function otherThan(key: string): Promise<TestRedis> {
  const owner = await cluster.masterOf(keySlot(key));
  const other = masters().find((server) => server !== owner);
  if (other === undefined) throw new Error('There is only one master.');
  return other;
}

beforeAll(async () => {
  cluster = await startTestRedisCluster();
}, 60_000);
afterAll(() => cluster.stop());
beforeEach(async () => {
  kit = await kits.connect(cluster.url);
  await Promise.all(kit.masters().map((master) => master.waitReady(LIMIT_MS)));
});
afterEach(async () => {
  await kits.closeAll();
  for (const { port } of masters()) await askRedis(port, 'FLUSHALL');
});

describe('the commands of a cluster', () => {
  it('go to the server that has their keys, each on one connection', async () => {
    await Promise.all(KEYS.map((key) => kit.command.call('SET', key, `of ${key}`)));
    expect(await Promise.all(KEYS.map((key) => kit.command.call('GET', key)))).toEqual(
      KEYS.map((key) => `of ${key}`),
    );
    const owners = await Promise.all(KEYS.map((key) => cluster.masterOf(keySlot(key))));
    expect(new Set(owners).size).toBe(3);
    for (const [i, key] of KEYS.entries()) {
      expect(await askRedis(owners[i]?.port ?? 0, 'GET', key)).toBe(`of ${key}`);
    }
    for (const { port } of masters()) {
      const clients = String(await askRedis(port, 'CLIENT', 'LIST'));
      expect(clients.match(/name=longrun:command:50 /g)).toHaveLength(1);
      expect(clients).not.toContain('name=longrun:topology');
    }
  });

  it('take keys of one slot together, and are refused without the server for keys of several', async () => {
    await kit.command.call('MSET', '{x}1', 'a', '{x}2', 'b');
    expect(await kit.command.call('MGET', '{x}1', '{x}2', '{x}3')).toEqual(['a', 'b', null]);
    const before = await Promise.all(masters().map(({ port }) => askRedis(port, 'INFO', 'commandstats')));
    await expect(kit.command.call('MGET', '{a}', '{b}')).rejects.toMatchObject({
      outcome: 'definitive',
      code: 'CROSSSLOT',
      message: expect.stringMatching(/same part in braces/) as unknown,
    });
    const after = await Promise.all(masters().map(({ port }) => askRedis(port, 'INFO', 'commandstats')));
    const mgets = (stats: unknown[]): string[] =>
      stats.map((text) => /cmdstat_mget:calls=\d+/.exec(String(text))?.[0] ?? '');
    expect(mgets(after)).toEqual(mgets(before));
  });

  it('run scripts where their keys are, on every server for the first time once', async () => {
    const script: RedisScript = {
      name: 'mark',
      lua: "return redis.call('SET', KEYS[1], ARGV[1]) and KEYS[1]",
      numberOfKeys: 1,
    };
    for (const key of [...KEYS, ...KEYS]) expect(await kit.command.run(script, [key], ['1'])).toBe(key);
  });

  it('without keys go to any server, and to every one when asked so', async () => {
    expect(await kit.command.call('PING')).toBe('PONG');
    await Promise.all(KEYS.map((key) => kit.command.call('SET', key, '1')));
    const found: string[] = [];
    for (const master of kit.masters()) {
      const [, keys] = (await master.call('SCAN', 0, 'COUNT', 1_000)) as [string, string[]];
      found.push(...keys);
    }
    expect(found.sort()).toEqual(KEYS);
  });

  it('have their prefix, and publish to channels without it', async () => {
    const prefixed = await kits.connect(cluster.url, { keyPrefix: 'app:' });
    await prefixed.command.call('SET', 'plain', '1');
    expect(await kit.command.call('GET', 'app:plain')).toBe('1');
    const heard = new Promise<string>((resolve) => {
      kit.subscriber.subscribe('news', resolve);
    });
    await kit.subscriber.subscribe('news', () => undefined).ready;
    await prefixed.command.call('SPUBLISH', 'news', 'today');
    expect(await heard).toBe('today');
    const seen = await prefixed.exclusive.use((connection) => connection.call('GET', 'plain'), {
      key: 'plain',
    });
    expect(seen).toBe('1');
  });

  it('are not sent while nobody has told where the slots are', async () => {
    const early = kits.make(cluster.url);
    await expect(early.command.call('GET', 'a')).rejects.toMatchObject({
      outcome: 'not-executed',
      code: 'NOT_CONNECTED',
    });
    const nowhere = kits.make('redis-cluster://127.0.0.1:1,127.0.0.1:2');
    const failed = new Promise<string>((resolve) => nowhere.on('connect-failed', resolve));
    await expect(nowhere.connect()).rejects.toThrow(
      /no server of the cluster tells its slots .*ECONNREFUSED/,
    );
    expect(await failed).toMatch(/127\.0\.0\.1:1: .*ECONNREFUSED/);
  });
});

describe('a slot that moves', () => {
  it('is followed at the first command, which is executed once, and asked for at its old place only once', async () => {
    const slot = keySlot('{moving}');
    const source = await cluster.masterOf(slot);
    const target = await otherThan('{moving}');
    await kit.command.call('SET', '{moving}', '1');
    await cluster.moveSlot(slot, target);
    const before = await movedErrors(source);
    expect(await kit.command.call('INCR', '{moving}')).toBe(2);
    expect(await kit.command.call('INCR', '{moving}')).toBe(3);
    expect(await movedErrors(source)).toBe(before + 1);
    await cluster.moveSlot(slot, source);
    expect(await kit.command.call('INCR', '{moving}')).toBe(4);
  });

  it('is served by both servers while it moves, and every command is executed once', async () => {
    const slot = keySlot('{half}');
    const source = await cluster.masterOf(slot);
    const target = await otherThan('{half}');
    await kit.command.call('SET', '{half}old', '10');
    const move = await cluster.beginMove(slot, target);
    expect(await kit.command.call('INCR', '{half}old')).toBe(11);
    // A key that the old server does not have is looked for, and made, at the new one.
    expect(await kit.command.call('INCR', '{half}new')).toBe(1);
    expect(await kit.command.call('INCR', '{half}new')).toBe(2);
    await expect(kit.command.call('MGET', '{half}old', '{half}new')).rejects.toMatchObject({
      outcome: 'not-executed',
      code: 'TRYAGAIN',
    });
    await move.moveKeys();
    expect(await kit.command.call('INCR', '{half}old')).toBe(12);
    await move.finish();
    expect(await kit.command.call('MGET', '{half}old', '{half}new')).toEqual(['12', '2']);
    await cluster.moveSlot(slot, source);
  });

  it('loses and doubles nothing under load', async () => {
    const slot = keySlot('{load}');
    const source = await cluster.masterOf(slot);
    const target = await otherThan('{load}');
    let isOver = false;
    let sent = 0;
    const load = (async () => {
      while (!isOver) {
        await Promise.all(Array.from({ length: 20 }, () => kit.command.call('INCR', '{load}n')));
        sent += 20;
      }
    })();
    for (let round = 0; round < 3; round += 1) {
      for (const place of [target, source]) {
        const seen = sent;
        await waitUntil(() => sent > seen);
        await cluster.moveSlot(slot, place);
      }
    }
    isOver = true;
    await load;
    expect(await kit.command.call('GET', '{load}n')).toBe(String(sent));
  });

  it('is followed by the exclusive connections, and a transaction begins anew', async () => {
    const slot = keySlot('{tx}');
    const source = await cluster.masterOf(slot);
    const target = await otherThan('{tx}');
    await kit.exclusive.use((connection) => connection.call('SET', '{tx}n', '1'), { key: '{tx}n' });
    await cluster.moveSlot(slot, target);
    const replies = await kit.exclusive.transaction(['{tx}n'], async (reads) => [
      ['SET', '{tx}n', Number(await reads.call('GET', '{tx}n')) + 1],
      ['GET', '{tx}n'],
    ]);
    expect(replies).toEqual(['OK', '2']);
    const blocked = kit.exclusive.use((connection) => connection.call('BLPOP', '{tx}list', 5), {
      key: '{tx}list',
    });
    await waitUntil(async () =>
      String(await askRedis(target.port, 'INFO', 'clients')).includes('blocked_clients:1'),
    );
    await kit.command.call('RPUSH', '{tx}list', 'x');
    expect(await blocked).toEqual(['{tx}list', 'x']);
    await cluster.moveSlot(slot, source);
  });

  it('is followed by a transaction that watches nothing, when its first write is queued', async () => {
    const slot = keySlot('{blind}');
    const source = await cluster.masterOf(slot);
    const increment = (): Promise<unknown[] | undefined> =>
      kit.exclusive.transaction([], () => Promise.resolve([['INCR', '{blind}n']]), { key: '{blind}n' });
    expect(await increment()).toEqual([1]);
    await cluster.moveSlot(slot, await otherThan('{blind}'));
    expect(await increment()).toEqual([2]);
    await cluster.moveSlot(slot, source);
  });
});

describe('a kit for a cluster', () => {
  it('checks every master', async () => {
    expect(await kit.checkServer()).toEqual({ warnings: [] });
    const last = masters()[2];
    await askRedis(last?.port ?? 0, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await expect(kit.checkServer()).rejects.toMatchObject({
      code: 'REDIS_MAY_EVICT',
      message: expect.stringContaining(`127.0.0.1:${String(last?.port)}`) as unknown,
    });
    await askRedis(last?.port ?? 0, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  });

  it('hands a connection to BullMQ that finds the servers', async () => {
    const producer = kit.bullmq('producer');
    await waitUntil(() => producer.status === 'ready');
    for (const key of KEYS) expect(await producer.set(key, '1')).toBe('OK');
    expect(kit.stats.roles['bullmq-producer']).toMatchObject({ open: 1, lost: 0 });
    await kit.close();
    expect(kit.stats.open).toBe(0);
  });

  it('leaves no socket and no timer', async () => {
    const handles = (): string[] =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap' || kind === 'Timeout');
    await kits.closeAll();
    await new Promise((resolve) => setImmediate(resolve));
    const before = handles().length;
    const other = await kits.connect(cluster.url);
    const consumer = other.bullmq('consumer');
    await waitUntil(() => consumer.status === 'ready');
    for (const channel of KEYS) void other.subscriber.subscribe(channel, () => undefined);
    await other.exclusive.use((connection) => connection.call('PING'));
    await other.close();
    // The last turns of closing a socket belong to the event loop; what is leaked stays.
    await waitUntil(() => handles().length <= before);
    await expect(other.command.call('GET', 'a')).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
