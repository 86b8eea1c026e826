/**
 * What the lowest way to send a command promises to the layer above: one of the two outcomes, once, for every command.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTcpProxy, startTestRedis } from '@longrun/testing';
import type { TestRedis } from '@longrun/testing';

import { createRedisKit } from '../src/index.js';
import type { CommandSink, RedisError, RedisKit } from '../src/index.js';

const LIMIT_MS = 300;

/** Records what it is told; resolves when it is told for the first time. */
class RecordingSink implements CommandSink {
  readonly replies: unknown[] = [];
  readonly failures: RedisError[] = [];
  private tell: () => void = () => undefined;
  readonly told = new Promise<void>((resolve) => (this.tell = resolve));

  onReply(reply: unknown): void {
    this.replies.push(reply);
    this.tell();
  }

  onFailure(error: RedisError): void {
    this.failures.push(error);
    this.tell();
  }
}

let redis: TestRedis;
let closers: (() => Promise<void>)[] = [];

function kitFor(url: string): RedisKit {
  const kit = createRedisKit({ url, connectTimeoutMs: LIMIT_MS, operationTimeoutMs: LIMIT_MS });
  closers.push(() => kit.close());
  return kit;
}

beforeEach(async () => {
  redis = await startTestRedis();
});

afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
  await redis.stop();
});

describe('dispatch', () => {
  it('fails before it returns when there is no connection, and after the kit was closed', async () => {
    const kit = kitFor(redis.url);
    const early = new RecordingSink();
    kit.command.dispatch('PING', [], early);
    expect(early.failures).toMatchObject([{ outcome: 'not-executed', code: 'NOT_CONNECTED' }]);
    await kit.connect();
    await kit.close();
    const late = new RecordingSink();
    kit.command.dispatch('PING', [], late);
    expect(late.failures).toMatchObject([{ outcome: 'not-executed', code: 'CLOSED' }]);
  });

  it('hands over the reply, or what the server refused', async () => {
    const kit = kitFor(redis.url);
    await kit.connect();
    const set = new RecordingSink();
    const push = new RecordingSink();
    const get = new RecordingSink();
    kit.command.dispatch('SET', ['a', 'ä'], set);
    kit.command.dispatch('LPUSH', ['a', 1], push);
    kit.command.dispatch('GET', [Buffer.from('a')], get);
    expect(set.replies).toEqual([]);
    await get.told;
    expect(set.replies).toEqual(['OK']);
    expect(push.failures).toMatchObject([{ outcome: 'definitive', code: 'WRONGTYPE' }]);
    expect(get.replies).toEqual(['ä']);
    for (const sink of [set, push, get]) expect(sink.replies.length + sink.failures.length).toBe(1);
  });

  it('says unknown, once each, of everything that was in flight when the connection was lost', async () => {
    const proxy = await startTcpProxy({ port: redis.port });
    closers.push(() => proxy.close());
    const kit = kitFor(proxy.urlFor(redis.url));
    await kit.connect();
    await kit.subscriber.subscribe('settled', () => undefined).ready;
    proxy.cutNextReply();
    const sinks = Array.from({ length: 20 }, () => new RecordingSink());
    for (const sink of sinks) kit.command.dispatch('INCR', ['counter'], sink);
    await Promise.all(sinks.map(({ told }) => told));
    await kit.command.waitReady(2_000);
    expect(await kit.command.call('GET', 'counter')).toBe('20');
    for (const sink of sinks) {
      expect(sink.replies).toEqual([]);
      expect(sink.failures).toMatchObject([{ outcome: 'unknown', code: 'CONNECTION_LOST' }]);
    }
  });

  it('settles by the socket timeout when the server freezes, though it has no deadline of its own', async () => {
    const kit = kitFor(redis.url);
    await kit.connect();
    redis.signal('SIGSTOP');
    const sink = new RecordingSink();
    const startedAt = performance.now();
    kit.command.dispatch('INCR', ['counter'], sink);
    await sink.told;
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS + 100);
    expect(sink.failures).toMatchObject([{ outcome: 'unknown' }]);
    redis.signal('SIGCONT');
  });

  it('refuses arguments that cannot be encoded, and goes on', async () => {
    const kit = kitFor(redis.url);
    await kit.connect();
    const sink = new RecordingSink();
    const unspeakable = {
      toString: () => {
        throw new Error('no text');
      },
    } as unknown as string;
    kit.command.dispatch('SET', ['a', unspeakable], sink);
    expect(sink.failures).toMatchObject([{ outcome: 'definitive', code: 'BAD_ARGUMENTS' }]);
    expect(await kit.command.call('PING')).toBe('PONG');
  });
});
