/**
 * A primary that Sentinels watch: found by asking them, left when it is no primary any more, in time and without a
 * command being executed twice.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { askRedis, startTestSentinel, waitUntil } from '@longrun/testing';
import type { TestSentinels } from '@longrun/testing';

import { RedisError } from '../src/index.js';
import { Kits } from './kits.js';
import { nextGap } from './signals.js';

const LIMIT_MS = 600;
/** The Sentinels need 0.5 s to notice and about two to act. */
const FAILOVER_LIMIT_MS = 10_000;
const kits = new Kits(LIMIT_MS);
let world: TestSentinels;

beforeAll(async () => {
  world = await startTestSentinel();
});
afterAll(() => world.stop());
afterEach(() => kits.closeAll());

function urlWith(parameters: Record<string, string>): string {
  return `${world.url}&${new URLSearchParams(parameters).toString()}`;
}

describe('a kit that asks Sentinels', () => {
  it('leads every role to the primary', async () => {
    const kit = await kits.connect(world.url);
    const producer = kit.bullmq('producer');
    await new Promise((resolve) => producer.once('ready', resolve));
    await kit.subscriber.subscribe('c', () => undefined).ready;
    await kit.command.call('SET', 'a', '1');
    expect(await kit.exclusive.use((connection) => connection.call('GET', 'a'))).toBe('1');
    expect(await producer.set('b', '2')).toBe('OK');
    const { port } = await world.primary();
    const clients = String(await askRedis(port, 'CLIENT', 'LIST'));
    for (const role of ['command:50', 'subscriber', 'exclusive', 'bullmq-producer']) {
      expect(clients).toContain(`name=longrun:${role} `);
    }
    expect(await kit.checkServer()).toEqual({ warnings: [] });
  });

  it('loses no time over a Sentinel that is frozen, and leaves no connection at the others', async () => {
    const [frozen, awake] = world.sentinels;
    frozen?.signal('SIGSTOP');
    try {
      const startedAt = performance.now();
      await kits.connect(world.url);
      expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS / 2);
    } finally {
      frozen?.signal('SIGCONT');
    }
    await waitUntil(
      async () =>
        !String(await askRedis(awake?.port ?? 0, 'CLIENT', 'LIST')).includes('name=longrun:sentinel'),
    );
  });

  it('shows the Sentinels the user and password that are theirs', async () => {
    for (const { port } of world.sentinels) {
      await askRedis(port, 'ACL', 'SETUSER', 'asker', 'on', '>secret', '+@all', '~*', '&*');
    }
    const kit = await kits.connect(urlWith({ sentinelUsername: 'asker', sentinelPassword: 'secret' }));
    expect(await kit.command.call('PING')).toBe('PONG');
    const stranger = kits.make(urlWith({ sentinelUsername: 'asker', sentinelPassword: 'wrong' }));
    const error: unknown = await stranger.connect().catch((reason: unknown) => reason);
    expect((error as Error).message).toMatch(/no Sentinel names a primary.*WRONGPASS/);
    expect((error as Error).message).not.toMatch(/secret|=wrong/);
  });

  it('says in time that no Sentinel knows the name, or that none is there', async () => {
    const nameless = kits.make(world.url.replace('master=main', 'master=other'));
    await expect(nameless.connect()).rejects.toThrow(/no Sentinel names a primary for other .*does not know/);
    const lost = kits.make('redis-sentinel://127.0.0.1:1,127.0.0.1:2?master=main');
    const startedAt = performance.now();
    await expect(lost.connect()).rejects.toThrow(/127\.0\.0\.1:1: .*ECONNREFUSED.*127\.0\.0\.1:2: /);
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS + 100);
  });

  it('refuses a server that a Sentinel takes for the primary though it is a replica', async () => {
    const primary = await world.primary();
    const replica = world.servers.find((server) => server !== primary);
    const [sentinel] = world.sentinels;
    const port = sentinel?.port ?? 0;
    await askRedis(port, 'SENTINEL', 'MONITOR', 'stale', '127.0.0.1', replica?.port ?? 0, 1);
    try {
      const kit = kits.make(`redis-sentinel://127.0.0.1:${String(port)}?master=stale`);
      await expect(kit.connect()).rejects.toThrow(
        /which a Sentinel named as the primary, has the role slave/,
      );
      expect(kit.stats.connectFailures.role).toBeGreaterThan(0);
    } finally {
      await askRedis(port, 'SENTINEL', 'REMOVE', 'stale');
    }
  });
});

describe('a failover', () => {
  it('leaves an old primary that has become a replica, though it goes on answering', async () => {
    const old = await world.primary();
    const kit = await kits.connect(world.url);
    const { epoch } = kit.command;
    await askRedis(world.sentinels[0]?.port ?? 0, 'SENTINEL', 'FAILOVER', 'main');
    await waitUntil(async () => (await world.primary()) !== old, { timeoutMs: FAILOVER_LIMIT_MS });
    const { port } = await world.primary();
    // The Sentinels would do this after some seconds more, and cut its clients then.
    await askRedis(old.port, 'REPLICAOF', '127.0.0.1', port);
    await expect(kit.command.call('SET', 'written', 'lost')).rejects.toMatchObject({
      outcome: 'not-executed',
      code: 'READONLY',
    });
    await kit.command.waitReady(2_000);
    expect(kit.command.epoch).toBeGreaterThan(epoch);
    await kit.command.call('SET', 'written', 'here');
    expect(await askRedis(port, 'GET', 'written')).toBe('here');
  });

  it('lets every command settle in time and at most once, and is over by itself for every role', async () => {
    const kit = await kits.connect(world.url);
    const producer = kit.bullmq('producer');
    await new Promise((resolve) => producer.once('ready', resolve));
    const messages: string[] = [];
    await kit.subscriber.subscribe('c', (message) => messages.push(message)).ready;
    const old = await world.primary();
    const gap = nextGap(kit);

    const results = new Map<string, string>();
    let slowest = 0;
    const push = async (id: string): Promise<void> => {
      const startedAt = performance.now();
      try {
        await kit.command.call('RPUSH', 'pushed', id);
        results.set(id, 'done');
      } catch (error) {
        results.set(id, error instanceof RedisError ? error.outcome : String(error));
      }
      slowest = Math.max(slowest, performance.now() - startedAt);
    };
    let isOver = false;
    const load = (async () => {
      for (let i = 0; !isOver; i += 1) {
        await Promise.all([0, 1, 2, 3, 4].map((j) => push(`${String(i)}-${String(j)}`)));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    await waitUntil(() => results.size > 100);
    await old.kill();
    await waitUntil(async () => (await world.primary()) !== old, { timeoutMs: FAILOVER_LIMIT_MS });
    await kit.command.waitReady(FAILOVER_LIMIT_MS);
    await gap;
    isOver = true;
    await load;
    expect(slowest).toBeLessThan(LIMIT_MS + 150);
    const outcomes = new Set(results.values());
    expect([...outcomes].filter((one) => !['done', 'unknown', 'not-executed'].includes(one))).toEqual([]);
    expect(outcomes).toContain('not-executed');

    const pushed = (await kit.command.call('LRANGE', 'pushed', 0, -1)) as string[];
    expect(new Set(pushed).size).toBe(pushed.length);
    expect(pushed.filter((id) => results.get(id) === 'not-executed')).toEqual([]);
    await kit.command.call('PUBLISH', 'c', 'after');
    await waitUntil(() => messages.includes('after'));
    expect(await kit.exclusive.use((connection) => connection.call('SET', 'x', '1'))).toBe('OK');
    await waitUntil(() => producer.status === 'ready', { timeoutMs: FAILOVER_LIMIT_MS });
    expect(await producer.set('y', '1')).toBe('OK');
  });
});
