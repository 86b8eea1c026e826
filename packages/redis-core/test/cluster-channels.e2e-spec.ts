/**
 * Sharded channels on a real cluster: heard wherever their slots are, and a gap is announced when something was missed.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { askRedis, startTestRedisCluster, waitUntil } from '@longrun/testing';
import type { TestRedis, TestRedisCluster } from '@longrun/testing';
import keySlot from 'cluster-key-slot';

import { appendTail, decodeTailMessage, readTail, ResilientRedisClient } from '../src/index.js';
import type { RedisKit, TailMessage } from '../src/index.js';
import { Kits } from './kits.js';
import { nextGap } from './signals.js';

const kits = new Kits(1_000);
let cluster: TestRedisCluster;

function masters(): TestRedis[] {
  return cluster.servers.slice(0, 3);
}

async function otherThan(channel: string): Promise<TestRedis> {
  const owner = await cluster.masterOf(keySlot(channel));
  const other = masters().find((server) => server !== owner);
  if (other === undefined) throw new Error('There is only one master.');
  return other;
}

/** Subscribes, and returns what arrives. */
async function listen(kit: RedisKit, channel: string): Promise<string[]> {
  const messages: string[] = [];
  await kit.subscriber.subscribe(channel, (message) => messages.push(message)).ready;
  return messages;
}

async function channelsOf(server: TestRedis): Promise<string[]> {
  return (await askRedis(server.port, 'PUBSUB', 'SHARDCHANNELS')) as string[];
}

beforeAll(async () => {
  cluster = await startTestRedisCluster();
}, 60_000);
afterAll(() => cluster.stop());
afterEach(() => kits.closeAll());

describe('sharded channels', () => {
  it('are heard from every server, by one connection per server that has some', async () => {
    const kit = await kits.connect(cluster.url);
    expect(kit.publishCommand).toBe('SPUBLISH');
    const names = Array.from({ length: 200 }, (_, i) => `run:{${String(i)}}`);
    const heard = await Promise.all(names.map((name) => listen(kit, name)));
    expect(kit.subscriber.isReady).toBe(true);
    expect(kit.subscriber.channelCount).toBe(200);
    const receivers = await Promise.all(
      names.map((name) => kit.command.call('SPUBLISH', name, `to ${name}`)),
    );
    expect(new Set(receivers)).toEqual(new Set([1]));
    await waitUntil(() => heard.every((messages) => messages.length === 1));
    expect(heard).toEqual(names.map((name) => [`to ${name}`]));
    expect(kit.stats.roles.subscriber).toMatchObject({ open: 3, opened: 3 });
  });

  it('have one subscription for many listeners, which ends with the last', async () => {
    const kit = await kits.connect(cluster.url);
    const owner = await cluster.masterOf(keySlot('shared'));
    const first = kit.subscriber.subscribe('shared', () => undefined);
    const second = kit.subscriber.subscribe('shared', () => undefined);
    await Promise.all([first.ready, second.ready]);
    expect(await askRedis(owner.port, 'PUBSUB', 'SHARDNUMSUB', 'shared')).toEqual(['shared', 1]);
    first.unsubscribe();
    second.unsubscribe();
    await waitUntil(async () => !(await channelsOf(owner)).includes('shared'));
    // Left and joined within one turn.
    const third = kit.subscriber.subscribe('shared', () => undefined);
    await third.ready;
    third.unsubscribe();
    const messages = await listen(kit, 'shared');
    await kit.command.call('SPUBLISH', 'shared', 'm');
    await waitUntil(() => messages.length > 0);
    expect(messages).toEqual(['m']);
  });

  it('wait for a cluster that is not there yet', async () => {
    const kit = kits.make(cluster.url);
    const messages: string[] = [];
    const subscription = kit.subscriber.subscribe('early', (message) => messages.push(message));
    expect(kit.subscriber.isReady).toBe(false);
    await kit.connect();
    await subscription.ready;
    expect(kit.subscriber.isReady).toBe(true);
    await kit.command.call('SPUBLISH', 'early', 'm');
    await waitUntil(() => messages.length > 0);
  });

  it('carry the tail of a run, which is in their slot', async () => {
    const client = new ResilientRedisClient({ url: cluster.url });
    kits.closeAfterwards(() => client.close());
    await client.init();
    const messages: TailMessage[] = [];
    const channel = 'events:{run-1}';
    await client.kit.subscriber.subscribe(channel, (message) => messages.push(decodeTailMessage(message)))
      .ready;
    const target = {
      tailKey: 'tail:{run-1}',
      channel,
      maxLength: 100,
      ttlMs: 60_000,
      publishLimitBytes: 1_000,
    };
    const records = [0, 1].map((seq) => ({ seq, event: 'values', data: '{}' }));
    expect(await appendTail(client, target, records)).toBe(2);
    await waitUntil(() => messages.length > 0);
    expect(messages).toEqual([{ kind: 'events', events: records }]);
    expect(await readTail(client, target.tailKey, 0, { records: 10, bytes: 10_000 })).toEqual(records);
  });
});

describe('a channel whose slot moves', () => {
  it('is heard at its new place after a gap, and nothing twice', async () => {
    const kit = await kits.connect(cluster.url);
    const messages = await listen(kit, 'mover');
    const stayers = await Promise.all(['s1', 's2', 's3', 's4'].map((name) => listen(kit, name)));
    const source = await cluster.masterOf(keySlot('mover'));
    const target = await otherThan('mover');
    await kit.command.call('SPUBLISH', 'mover', 'before');
    await waitUntil(() => messages.length === 1);

    // Another one has this channel only: there is nothing else that could announce the gap.
    const lone = await kits.connect(cluster.url);
    await listen(lone, 'mover');
    const gaps = [nextGap(kit), nextGap(lone)];
    await cluster.moveSlot(keySlot('mover'), target);
    await Promise.all(gaps);
    expect(kit.subscriber.isReady).toBe(true);
    expect(await channelsOf(source)).not.toContain('mover');
    expect(await channelsOf(target)).toContain('mover');
    await kit.command.call('SPUBLISH', 'mover', 'after');
    for (const name of ['s1', 's2', 's3', 's4']) await kit.command.call('SPUBLISH', name, name);
    await waitUntil(() => messages.length === 2 && stayers.every((heard) => heard.length === 1));
    expect(messages).toEqual(['before', 'after']);
    await cluster.moveSlot(keySlot('mover'), source);
  });

  it('is found where it is by who subscribes with an old map', async () => {
    const kit = await kits.connect(cluster.url);
    await listen(kit, 'other');
    const source = await cluster.masterOf(keySlot('newcomer'));
    await cluster.moveSlot(keySlot('newcomer'), await otherThan('newcomer'));
    const messages = await listen(kit, 'newcomer');
    await kit.command.call('SPUBLISH', 'newcomer', 'm');
    await waitUntil(() => messages.length > 0);
    await cluster.moveSlot(keySlot('newcomer'), source);
  });
});

describe('a connection that listens', () => {
  it('announces a gap when it was cut, and only then', async () => {
    const kit = await kits.connect(cluster.url);
    let gaps = 0;
    kit.subscriber.on('gap', () => (gaps += 1));
    const names = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];
    const heard = await Promise.all(names.map((name) => listen(kit, name)));
    expect(gaps).toBe(0);
    const owner = await cluster.masterOf(keySlot('c1'));
    const gap = nextGap(kit);
    await askRedis(owner.port, 'CLIENT', 'KILL', 'TYPE', 'pubsub');
    await gap;
    for (const name of names) await kit.command.call('SPUBLISH', name, name);
    await waitUntil(() => heard.every((messages) => messages.length === 1));
    expect(gaps).toBe(1);
  });
});
