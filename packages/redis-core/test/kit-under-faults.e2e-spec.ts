/**
 * What the kit promises when the server or the network fails, on a real server.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTcpProxy, startTestRedis } from '@longrun/testing';
import type { TestRedis } from '@longrun/testing';

import { createRedisKit, RedisError, RedisServerError } from '../src/index.js';
import type { RedisKit, RedisSettings } from '../src/index.js';
import { nextGap, nextKitEvent } from './signals.js';

const LIMIT_MS = 500;
let redis: TestRedis;
let closers: (() => Promise<void>)[] = [];

function kitFor(url: string, more: Partial<RedisSettings> = {}): RedisKit {
  const kit = createRedisKit({ url, connectTimeoutMs: LIMIT_MS, operationTimeoutMs: LIMIT_MS, ...more });
  closers.push(() => kit.close());
  return kit;
}

async function failureOf(operation: Promise<unknown>): Promise<RedisError> {
  const error: unknown = await operation.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (!(error instanceof RedisError)) throw new Error(`expected a RedisError, got ${String(error)}`);
  return error;
}

beforeEach(async () => {
  redis = await startTestRedis();
});

afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
  await redis.stop();
});

describe('the command connection', () => {
  it('executes a command once when its reply is lost, and says that the outcome is unknown', async () => {
    const proxy = await startTcpProxy({ port: redis.port });
    closers.push(() => proxy.close());
    const kit = kitFor(proxy.urlFor(redis.url));
    const direct = kitFor(redis.url);
    await Promise.all([kit.connect(), direct.connect()]);
    // The subscriber goes through the proxy too: the reply to be lost must not be one of its handshake.
    await kit.subscriber.subscribe('settled', () => undefined).ready;
    const firstEpoch = kit.command.epoch;

    proxy.cutNextReply();
    const failures = await Promise.all([
      failureOf(kit.command.call('INCR', 'counter')),
      failureOf(kit.command.call('XADD', 'stream', '*', 'a', 'b')),
    ]);
    expect(failures.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown']);

    await kit.command.waitReady(2_000);
    expect(kit.command.epoch).toBe(firstEpoch + 1);
    expect(await kit.command.call('GET', 'counter')).toBe('1');
    expect(await direct.command.call('XLEN', 'stream')).toBe(1);
  });

  it('settles everything in time when the server freezes, and works again when it thaws', async () => {
    const kit = kitFor(redis.url);
    await kit.connect();
    redis.signal('SIGSTOP');
    const unavailable = nextKitEvent(kit, 'unavailable');
    const startedAt = performance.now();
    const failures = await Promise.all(
      Array.from({ length: 50 }, (_, i) => failureOf(kit.command.call('SET', `k${String(i)}`, 'v'))),
    );
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS + 100);
    expect(new Set(failures.map(({ outcome }) => outcome))).toEqual(new Set(['unknown']));

    await unavailable;
    expect(kit.available).toBe(false);
    const refusal = await failureOf(kit.command.call('SET', 'k', 'v'));
    expect(refusal.outcome).toBe('not-executed');

    const available = nextKitEvent(kit, 'available');
    redis.signal('SIGCONT');
    await available;
    expect(await kit.command.call('PING')).toBe('PONG');
  });

  it('settles in time when answers stop arriving on a connection that stays open', async () => {
    const proxy = await startTcpProxy({ port: redis.port });
    closers.push(() => proxy.close());
    const kit = kitFor(proxy.urlFor(redis.url));
    await kit.connect();
    const unavailable = nextKitEvent(kit, 'unavailable');
    proxy.setDropReplies(true);
    const startedAt = performance.now();
    const failure = await failureOf(kit.command.call('PING'));
    expect(failure.outcome).toBe('unknown');
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS + 100);
    await unavailable;
    proxy.setDropReplies(false);
    await kit.command.waitReady(2_000);
    expect(await kit.command.call('PING')).toBe('PONG');
  });

  it('notices a dead server without any traffic of the user', async () => {
    const kit = kitFor(redis.url);
    await kit.connect();
    const unavailable = nextKitEvent(kit, 'unavailable');
    redis.signal('SIGSTOP');
    await unavailable;
    expect(kit.available).toBe(false);
    redis.signal('SIGCONT');
  });

  it('is back within two seconds of a restart, with a new epoch and with its subscriptions', async () => {
    const kit = kitFor(redis.url);
    await kit.connect();
    const messages: string[] = [];
    let received: (() => void) | undefined;
    const subscription = kit.subscriber.subscribe('channel', (message) => {
      messages.push(message);
      received?.();
    });
    await subscription.ready;
    const epoch = kit.command.epoch;

    const unavailable = nextKitEvent(kit, 'unavailable');
    await redis.kill();
    await unavailable;
    const refused = await failureOf(kit.command.call('INCR', 'counter'));
    expect(refused.outcome).toBe('not-executed');

    const gap = nextGap(kit);
    await redis.restart();
    const restartedAt = performance.now();
    await kit.command.waitReady(2_000);
    await gap;
    expect(performance.now() - restartedAt).toBeLessThan(2_000);
    expect(kit.command.epoch).toBeGreaterThan(epoch);
    expect(kit.subscriber.isReady).toBe(true);

    const arrival = new Promise<void>((resolve) => {
      received = resolve;
    });
    expect(await kit.command.call('PUBLISH', 'channel', 'again')).toBe(1);
    await arrival;
    expect(messages).toEqual(['again']);
  });

  it('does not leave a promise behind when connections are closed during the handshake', async () => {
    const proxy = await startTcpProxy({ port: redis.port });
    closers.push(() => proxy.close());
    proxy.setRefusing(true);
    const kit = kitFor(proxy.urlFor(redis.url));
    await expect(kit.connect()).rejects.toThrow(RedisServerError);
    await expect(kit.connect()).rejects.toThrow(/Start it, or set REDIS_URL/);
    proxy.setRefusing(false);
    await kit.command.waitReady(2_000);
    expect(await kit.command.call('PING')).toBe('PONG');
  });

  it('takes a waiting caller out of the queue when its signal aborts', async () => {
    await redis.kill();
    const kit = kitFor(redis.url);
    const connecting = kit.connect().catch((error: unknown) => error);
    const controller = new AbortController();
    const waiting = failureOf(kit.command.waitReady(60_000, controller.signal));
    controller.abort();
    expect((await waiting).code).toBe('ABORTED');
    expect(await connecting).toBeInstanceOf(RedisServerError);
  });
});

describe('the BullMQ connections', () => {
  it('fail a producer at once while Redis is away, and come back by themselves', async () => {
    const kit = kitFor(redis.url);
    const producer = kit.bullmq('producer');
    await new Promise((resolve) => producer.once('ready', resolve));
    const closed = new Promise((resolve) => producer.once('close', resolve));
    await redis.kill();
    await closed;
    const startedAt = performance.now();
    await expect(producer.set('a', 'b')).rejects.toThrow();
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS + 100);
    const ready = new Promise((resolve) => producer.once('ready', resolve));
    await redis.restart();
    await ready;
    expect(await producer.set('a', 'b')).toBe('OK');
  });

  it('do not hold up the end of the kit while they pause before the next attempt', async () => {
    const kit = kitFor(redis.url);
    const producer = kit.bullmq('producer');
    await new Promise((resolve) => producer.once('ready', resolve));
    const reconnecting = new Promise((resolve) => producer.once('reconnecting', resolve));
    await redis.kill();
    await reconnecting;
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    await kit.close();
    // What is due at once is over in the next turn but one.
    for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(timers()).toBeLessThan(before);
    expect(producer.status).not.toBe('connecting');
  });
});
