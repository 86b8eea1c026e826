/**
 * What the kit tells of its connections while they come and go.
 */
import { afterEach, describe, expect, it } from '@jest/globals';
import { waitUntil } from '@longrun/testing';

import { Kits } from './kits.js';
import { nextKitEvent } from './signals.js';

const kits = new Kits(400);

afterEach(() => kits.closeAll());

describe('the events of the command connection', () => {
  it('tell of every failed attempt, and of the end and the beginning of service once each', async () => {
    const redis = await kits.startRedis();
    const kit = await kits.connect(redis.url);
    const events: string[] = [];
    for (const name of ['available', 'unavailable', 'connect-failed'] as const) {
      kit.on(name, () => events.push(name));
    }
    const reason = new Promise<string>((resolve) => kit.on('connect-failed', resolve));
    const unavailable = nextKitEvent(kit, 'unavailable');
    await redis.kill();
    await unavailable;
    await waitUntil(() => events.filter((name) => name === 'connect-failed').length >= 3);
    expect(await reason).toMatch(/ECONNREFUSED/);
    const available = nextKitEvent(kit, 'available');
    await redis.restart();
    await available;
    expect(events.filter((name) => name !== 'connect-failed')).toEqual(['unavailable', 'available']);
    expect(events.indexOf('connect-failed')).toBe(1);
  });

  it('do not tell of the attempt that closing the kit cuts short', async () => {
    const redis = await kits.startRedis();
    const proxy = await kits.startProxy(redis);
    proxy.setBlackhole(true);
    const kit = kits.make(proxy.urlFor(redis.url));
    const failures: string[] = [];
    kit.on('connect-failed', (reason) => failures.push(reason));
    const connecting = kit.connect().catch(() => undefined);
    await waitUntil(() => proxy.connections > 0);
    await kit.close();
    await connecting;
    expect(failures).toEqual([]);
    expect(kit.stats.connectFailures).toEqual({});
  });
});

describe('the counts', () => {
  it('say for every role what is open, was opened, failed and was lost', async () => {
    const redis = await kits.startRedis();
    const kit = await kits.connect(redis.url);
    await kit.subscriber.subscribe('c', () => undefined).ready;
    await kit.exclusive.use((connection) => connection.call('PING'));
    const producer = kit.bullmq('producer');
    await waitUntil(() => producer.status === 'ready');
    const { roles } = kit.stats;
    for (const role of ['command', 'subscriber', 'exclusive', 'bullmq-producer'] as const) {
      expect({ role, ...roles[role] }).toEqual({
        role,
        open: 1,
        opened: 1,
        attempts: 1,
        failures: {},
        lost: 0,
      });
    }
    expect([kit.stats.open, kit.stats.created]).toEqual([4, 4]);

    const unavailable = nextKitEvent(kit, 'unavailable');
    await redis.kill();
    await unavailable;
    await waitUntil(() => kit.stats.open === 0);
    expect(kit.stats.lost).toEqual({ command: 1, subscriber: 1, exclusive: 1, 'bullmq-producer': 1 });
    await waitUntil(() => (kit.stats.connectFailures.refused ?? 0) >= 2);

    const available = nextKitEvent(kit, 'available');
    await redis.restart();
    await available;
    expect(kit.stats.roles.command).toMatchObject({ open: 1, opened: 2, lost: 1 });
    expect(kit.stats.roles.command?.failures.refused).toBe((kit.stats.roles.command?.attempts ?? 0) - 2);
    await kit.close();
    expect(kit.stats.open).toBe(0);
    expect(kit.stats.lost.command).toBe(1);
  });

  it('know why a connection could not be opened', async () => {
    const redis = await kits.startRedis(['--maxclients', '1']);
    const first = await kits.connect(redis.url);
    await first.subscriber.close();
    const second = kits.make(redis.url);
    await expect(second.connect()).rejects.toThrow(/max number of clients/);
    // Of every attempt: what the server says before it hangs up must not be lost to the hanging up.
    await waitUntil(() => (second.stats.connectFailures['max-clients'] ?? 0) >= 5);
    expect(Object.keys(second.stats.connectFailures)).toEqual(['max-clients']);

    const proxy = await kits.startProxy(await kits.startRedis());
    proxy.setBlackhole(true);
    const third = kits.make(proxy.urlFor(redis.url));
    await expect(third.connect()).rejects.toThrow();
    await waitUntil(() => (third.stats.connectFailures.timeout ?? 0) > 0);

    const fourth = kits.make('redis://host.invalid');
    await expect(fourth.connect()).rejects.toThrow();
    await waitUntil(() => (fourth.stats.connectFailures.dns ?? 0) > 0);
  });
});
