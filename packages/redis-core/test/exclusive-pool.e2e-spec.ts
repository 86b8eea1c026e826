/**
 * The pool of exclusive connections: what it lends works, and it takes no more than the budget leaves.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitUntil } from '@longrun/testing';
import type { TestRedis } from '@longrun/testing';

import type { ExclusiveConnection, RedisKit } from '../src/index.js';
import { EXCLUSIVE_TRUST_MS } from '../src/redis-settings.js';
import { Kits } from './kits.js';

const LIMIT_MS = 800;
const kits = new Kits(LIMIT_MS);
let redis: TestRedis;

function ping(kit: RedisKit): Promise<unknown> {
  return kit.exclusive.use((connection) => connection.call('PING'));
}

/** Lets the idle connections become so old that they are not trusted any more. */
async function growOld(): Promise<void> {
  const since = performance.now();
  await waitUntil(() => performance.now() - since > EXCLUSIVE_TRUST_MS + 20);
}

/** Uses a connection until it is told to give it back. */
function hold(kit: RedisKit): { holding: Promise<void>; giveBack: () => void; done: Promise<void> } {
  let giveBack: () => void = () => undefined;
  let lent: () => void = () => undefined;
  const holding = new Promise<void>((resolve) => (lent = resolve));
  const done = kit.exclusive.use(() => {
    lent();
    return new Promise<void>((resolve) => (giveBack = resolve));
  });
  return { holding, giveBack: () => giveBack(), done };
}

beforeEach(async () => {
  redis = await kits.startRedis();
});
afterEach(() => kits.closeAll());

describe('what the pool lends', () => {
  it('is the same connection again while it works, also after it was idle for long', async () => {
    const kit = await kits.connect(redis.url);
    await ping(kit);
    await growOld();
    await ping(kit);
    expect(kit.exclusive.info).toEqual({ inUse: 0, idle: 1, waiting: 0, created: 1 });
  });

  it('is another connection when the idle one has silently lost its peer, without the caller noticing', async () => {
    const proxy = await kits.startProxy(redis);
    const kit = await kits.connect(proxy.urlFor(redis.url));
    await ping(kit);
    await growOld();
    // Only what is open now loses its answers: the new connection finds the server again.
    proxy.setDropReplies(true);
    const startedAt = performance.now();
    const answer = ping(kit);
    await waitUntil(() => proxy.lostBytes >= '+PONG\r\n'.length);
    proxy.setDropReplies(false);
    expect(await answer).toBe('PONG');
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS);
    expect(kit.exclusive.info).toMatchObject({ idle: 1, created: 2 });
  });

  it('is another connection when the server has closed the idle one, which leaves the pool by itself', async () => {
    const kit = await kits.connect(redis.url);
    await ping(kit);
    await kit.command.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await waitUntil(() => kit.exclusive.info.idle === 0, { timeoutMs: 2_000 });
    expect(await ping(kit)).toBe('PONG');
    expect(kit.exclusive.info.created).toBe(2);
  });
});

describe('the budget of connections', () => {
  it('lends what the other roles leave, and not one more', async () => {
    const kit = await kits.connect(redis.url, { maxConnections: 5 });
    const holds = Array.from({ length: 4 }, () => hold(kit));
    await Promise.all(holds.slice(0, 3).map(({ holding }) => holding));
    expect(kit.exclusive.info).toMatchObject({ inUse: 3, waiting: 1 });
    const clients = String(await kit.command.call('CLIENT', 'LIST', 'TYPE', 'normal'))
      .trim()
      .split('\n');
    expect(clients.filter((line) => line.includes(':exclusive'))).toHaveLength(3);
    for (const { giveBack } of holds.slice(0, 3)) giveBack();
    await holds[3]?.holding;
    holds[3]?.giveBack();
    await Promise.all(holds.map(({ done }) => done));
  });

  it('shrinks when BullMQ takes its share, and grows again when that is closed', async () => {
    const kit = await kits.connect(redis.url, { maxConnections: 5 });
    const three = [hold(kit), hold(kit), hold(kit)];
    await Promise.all(three.map(({ holding }) => holding));
    for (const { giveBack } of three) giveBack();
    await Promise.all(three.map(({ done }) => done));
    expect(kit.exclusive.info.idle).toBe(3);

    const consumer = kit.bullmq('consumer');
    await waitUntil(() => consumer.status === 'ready');
    expect(kit.exclusive.info.idle).toBe(1);
    const held = hold(kit);
    await held.holding;
    const waiting = ping(kit);
    expect(kit.exclusive.info).toMatchObject({ inUse: 1, waiting: 1 });

    consumer.disconnect();
    expect(await waiting).toBe('PONG');
    held.giveBack();
    await held.done;
  });

  it('hands on no connection, and keeps none, that BullMQ has claimed while it was lent', async () => {
    const kit = await kits.connect(redis.url, { maxConnections: 5 });
    const three = [hold(kit), hold(kit), hold(kit)];
    await Promise.all(three.map(({ holding }) => holding));
    const fourth = hold(kit);
    kit.bullmq('consumer');
    for (const { giveBack, done } of three.slice(0, 2)) {
      giveBack();
      await done;
      expect(kit.exclusive.info).toMatchObject({ idle: 0, waiting: 1 });
    }
    three[2]?.giveBack();
    await fourth.holding;
    fourth.giveBack();
    await fourth.done;
    expect(kit.exclusive.info).toMatchObject({ inUse: 0, idle: 1, waiting: 0 });
  });

  it('refuses at once, with the remedy, when nothing is left to lend', async () => {
    const kit = await kits.connect(redis.url, { maxConnections: 4 });
    kit.bullmq('consumer');
    await expect(ping(kit)).rejects.toMatchObject({
      outcome: 'not-executed',
      code: 'POOL_NO_ROOM',
      message: expect.stringMatching(/all 4 .* set maxConnections higher/) as unknown,
    });
  });

  it('counts no caller twice whose connection is cut while others wait', async () => {
    const kit = await kits.connect(redis.url, { maxConnections: 3 });
    const controller = new AbortController();
    const block = (connection: ExclusiveConnection): Promise<unknown> => connection.call('BLPOP', 'never', 0);
    const blocked = kit.exclusive.use(block, { signal: controller.signal });
    const next = ping(kit);
    controller.abort();
    await expect(blocked).rejects.toMatchObject({
      outcome: expect.stringMatching(/unknown|not-executed/) as unknown,
    });
    expect(await next).toBe('PONG');
    expect(kit.exclusive.info).toMatchObject({ inUse: 0, waiting: 0 });
  });
});
