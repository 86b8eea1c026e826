/**
 * The roles of the kit on a healthy server.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTcpProxy, startTestRedis } from '@longrun/testing';
import type { TestRedis } from '@longrun/testing';

import { createRedisKit, RedisError } from '../src/index.js';
import type { RedisKit, RedisScript, RedisSettings, Subscription } from '../src/index.js';

let redis: TestRedis;
let kit: RedisKit;

function newKit(more: Partial<RedisSettings> = {}): RedisKit {
  return createRedisKit({ url: redis.url, connectTimeoutMs: 2_000, operationTimeoutMs: 2_000, ...more });
}

/** Publishes on a channel, and resolves with what a new listener of it gets. */
async function nextMessage(channel: string, message: string): Promise<string> {
  let subscription: Subscription | undefined;
  const arrived = new Promise<string>((resolve) => {
    subscription = kit.subscriber.subscribe(channel, resolve);
  });
  await subscription?.ready;
  await kit.command.call('PUBLISH', channel, message);
  return arrived;
}

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  kit = newKit();
  await kit.connect();
  await kit.command.call('FLUSHALL');
});
afterEach(() => kit.close());

describe('the command connection', () => {
  it('sends the commands of one turn of the event loop in one write', async () => {
    const proxy = await startTcpProxy({ port: redis.port, keepWrites: true });
    const corked = newKit({ url: proxy.urlFor(redis.url) });
    const plain = newKit({ url: proxy.urlFor(redis.url), writeCoalescing: false });
    try {
      const writesOf = async (some: RedisKit): Promise<number> => {
        await some.connect();
        // The last packet of a handshake and the first of a burst could arrive as one.
        await some.command.call('PING');
        proxy.writes.length = 0;
        await Promise.all(
          Array.from({ length: 20 }, (_, i) => some.command.call('SET', `k${String(i)}`, 'v')),
        );
        return proxy.writes.length;
      };
      expect(await writesOf(corked)).toBe(1);
      expect(proxy.writes[0]?.match(/SET/gi)).toHaveLength(20);
      await corked.close();
      // Single packets may meet on their way as well, on a busy machine even all of them; not every time.
      let apart = 0;
      for (let burst = 0; burst < 50 && apart <= 1; burst += 1) apart = await writesOf(plain);
      expect(apart).toBeGreaterThan(1);
    } finally {
      await corked.close();
      await plain.close();
      await proxy.close();
    }
  });

  it('runs a script that the server does not know yet, and one that it knows', async () => {
    const script: RedisScript = { name: 'echo', lua: 'return {KEYS[1], ARGV[1]}', numberOfKeys: 1 };
    expect(await kit.command.run(script, ['key'], ['value'])).toEqual(['key', 'value']);
    expect(await kit.command.run(script, ['key'], [7])).toEqual(['key', '7']);
    await kit.command.call('SCRIPT', 'FLUSH');
    expect(await kit.command.run(script, ['key'], ['value'])).toEqual(['key', 'value']);
  });

  it('tells a refusal for good from one that may pass', async () => {
    await kit.command.call('SET', 'text', 'a');
    await expect(kit.command.call('LPUSH', 'text', 'b')).rejects.toMatchObject({
      outcome: 'definitive',
      code: 'WRONGTYPE',
    });
    await kit.command.call('CONFIG', 'SET', 'maxmemory', '1');
    await expect(kit.command.call('SET', 'more', 'b')).rejects.toMatchObject({
      outcome: 'not-executed',
      code: 'OOM',
    });
    await kit.command.call('CONFIG', 'SET', 'maxmemory', '0');
  });

  it('puts the prefix before keys, also those of scripts', async () => {
    const prefixed = newKit({ keyPrefix: 'app:' });
    await prefixed.connect();
    const script: RedisScript = {
      name: 'set',
      lua: "return redis.call('SET', KEYS[1], '2')",
      numberOfKeys: 1,
    };
    await prefixed.command.call('SET', 'a', '1');
    await prefixed.command.run(script, ['b'], []);
    await prefixed.close();
    expect(await kit.command.call('MGET', 'app:a', 'app:b')).toEqual(['1', '2']);
  });
});

describe('the subscriber', () => {
  it('uses one connection and one subscription for many listeners, and stops when the last has gone', async () => {
    const seen: string[] = [];
    const first = kit.subscriber.subscribe('c', (message) => seen.push(`first ${message}`));
    const second = kit.subscriber.subscribe('c', (message) => seen.push(`second ${message}`));
    const others = Array.from({ length: 1_200 }, (_, i) =>
      kit.subscriber.subscribe(`o${String(i)}`, () => undefined),
    );
    await Promise.all([first, second, ...others].map(({ ready }) => ready));
    expect(await kit.command.call('PUBSUB', 'NUMSUB', 'c')).toEqual(['c', 1]);
    const clients = String(await kit.command.call('CLIENT', 'LIST', 'TYPE', 'pubsub'))
      .trim()
      .split('\n');
    expect(clients).toHaveLength(1);

    first.unsubscribe();
    first.unsubscribe();
    const arrived = new Promise<void>((resolve) => {
      const probe = kit.subscriber.subscribe('c', () => {
        probe.unsubscribe();
        resolve();
      });
    });
    await kit.command.call('PUBLISH', 'c', 'x');
    await arrived;
    expect(seen).toEqual(['second x']);

    second.unsubscribe();
    for (const { unsubscribe } of others) unsubscribe();
    // A later subscription is confirmed after the server has worked off the earlier unsubscriptions.
    await kit.subscriber.subscribe('later', () => undefined).ready;
    expect(await kit.command.call('PUBSUB', 'CHANNELS')).toEqual(['later']);
    expect(kit.subscriber.channelCount).toBe(1);
  });

  it('ends up subscribed whatever the order of leaving and joining in one turn', async () => {
    const first = kit.subscriber.subscribe('c', () => undefined);
    await first.ready;
    first.unsubscribe();
    const second = kit.subscriber.subscribe('c', () => undefined);
    await second.ready;
    second.unsubscribe();
    await kit.subscriber.subscribe('other', () => undefined).ready;
    expect(await nextMessage('c', 'hello')).toBe('hello');
  });

  it('calls the other listeners when one throws, and reports it', async () => {
    const reported = new Promise<unknown>((resolve) => kit.on('listener-error', resolve));
    const failing = kit.subscriber.subscribe('c', () => {
      throw new Error('broken listener');
    });
    await failing.ready;
    expect(await nextMessage('c', 'm')).toBe('m');
    expect(await reported).toMatchObject({ message: 'broken listener' });
  });

  it('announces a gap when its connection was killed, after it listens again', async () => {
    const messages: string[] = [];
    await kit.subscriber.subscribe('c', (message) => messages.push(message)).ready;
    const gap = new Promise<void>((resolve) => kit.subscriber.on('gap', resolve));
    await kit.command.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await gap;
    expect(await kit.command.call('PUBLISH', 'c', 'after')).toBe(1);
    await kit.subscriber.subscribe('barrier', () => undefined).ready;
    expect(messages).toEqual(['after']);
  });

  it('rejects what is still pending when it is ended', async () => {
    const idle = newKit();
    const subscription = idle.subscriber.subscribe('c', () => undefined);
    await idle.close();
    await expect(subscription.ready).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('the exclusive pool', () => {
  it('lends in the order of asking, and never more than the ceiling', async () => {
    for (const maxExclusive of [1, 3]) {
      const small = newKit({ maxConnections: 2 + maxExclusive });
      const order: number[] = [];
      let inUse = 0;
      let most = 0;
      const uses = Array.from({ length: 10 }, (_, i) =>
        small.exclusive.use(async (connection) => {
          order.push(i);
          most = Math.max(most, (inUse += 1));
          await connection.call('PING').finally(() => (inUse -= 1));
        }),
      );
      await Promise.all(uses);
      expect(most).toBe(maxExclusive);
      if (maxExclusive === 1) expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(small.exclusive.info).toMatchObject({ inUse: 0, idle: maxExclusive, waiting: 0 });
      await small.close();
    }
  });

  it('reuses a connection that was left clean, and destroys one that was not', async () => {
    const idOf = (): Promise<unknown> =>
      kit.exclusive.use(async (connection) => {
        await connection.call('BLPOP', 'empty', 0.01);
        return clientId(connection.call('CLIENT', 'INFO'));
      });
    const clientId = async (info: Promise<unknown>): Promise<string> =>
      /id=(\d+)/.exec(String(await info))?.[1] ?? '';
    // CLIENT may change the connection's state, so it is not reused after it.
    expect(await idOf()).not.toBe(await idOf());

    await kit.exclusive.use(async (connection) => connection.call('SET', 'a', '1'));
    expect(kit.exclusive.info).toMatchObject({ inUse: 0, idle: 1, waiting: 0 });
    await kit.exclusive.use(async (connection) => {
      await connection.call('MULTI');
      await connection.call('INCR', 'a');
      return connection.call('EXEC');
    });
    expect(kit.exclusive.info.idle).toBe(1);
    await kit.exclusive.use(async (connection) => connection.call('WATCH', 'a'));
    expect(kit.exclusive.info.idle).toBe(0);
  });

  it('ends a blocking command when the caller gives up, without touching the command connection', async () => {
    const controller = new AbortController();
    const epoch = kit.command.epoch;
    const blocked = kit.exclusive.use(
      async (connection) => {
        queueMicrotask(() => {
          controller.abort();
        });
        return connection.call('BLPOP', 'never', 0);
      },
      { signal: controller.signal },
    );
    await expect(blocked).rejects.toMatchObject({ outcome: 'unknown' });
    expect(kit.command.epoch).toBe(epoch);
    expect(kit.exclusive.info).toMatchObject({ inUse: 0, idle: 0, waiting: 0 });
  });

  it('refuses a caller who has waited long enough, and serves the next', async () => {
    const small = newKit({ maxConnections: 3 });
    let finish: () => void = () => undefined;
    const held = small.exclusive.use(() => new Promise<void>((resolve) => (finish = resolve)));
    const late = small.exclusive.use(() => Promise.resolve(), { acquireTimeoutMs: 20 });
    await expect(late).rejects.toMatchObject({ outcome: 'not-executed', code: 'POOL_TIMEOUT' });
    const next = small.exclusive.use(() => Promise.resolve('served'));
    finish();
    await held;
    expect(await next).toBe('served');
    await small.close();
  });
});

describe('the check of the server', () => {
  it('accepts a usable server and names what is wrong with another', async () => {
    await expect(kit.checkServer()).resolves.toEqual({ warnings: [] });
    await kit.command.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await expect(kit.checkServer()).rejects.toMatchObject({ code: 'REDIS_MAY_EVICT' });
    await kit.command.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await kit.command.call('REPLICAOF', '127.0.0.1', '1');
    await expect(kit.checkServer()).rejects.toMatchObject({ code: 'REDIS_NOT_MASTER' });
    await kit.command.call('REPLICAOF', 'NO', 'ONE');
  });

  it('replaces the connection when the server turns out to be no master any more', async () => {
    const epoch = kit.command.epoch;
    await kit.command.call('REPLICAOF', '127.0.0.1', '1');
    await expect(kit.command.call('SET', 'a', 'b')).rejects.toMatchObject({
      outcome: 'not-executed',
      code: 'READONLY',
    });
    await kit.command.waitReady(2_000);
    expect(kit.command.epoch).toBeGreaterThan(epoch);
    await kit.command.call('REPLICAOF', 'NO', 'ONE');
  });
});

describe('close', () => {
  it('leaves no socket and no timer', async () => {
    const handles = (): string[] =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap' || kind === 'Timeout');
    const before = handles().length;
    const other = newKit();
    const producer = other.bullmq('producer');
    const consumer = other.bullmq('consumer');
    const bullmqReady = [producer, consumer].map(
      (one) => new Promise((resolve) => one.once('ready', resolve)),
    );
    await Promise.all([other.connect(), ...bullmqReady]);
    void other.subscriber.subscribe('c', () => undefined);
    await other.exclusive.use((connection) => connection.call('PING'));
    const pending = other.command.call('BLPOP', 'never', 1).catch((error: unknown) => error);
    await other.close();
    expect(await pending).toBeInstanceOf(RedisError);
    await expect(other.command.call('PING')).rejects.toMatchObject({
      code: 'CLOSED',
      outcome: 'not-executed',
    });
    // A destroyed socket leaves the list in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    expect(handles().length).toBeLessThanOrEqual(before);
  });
});
