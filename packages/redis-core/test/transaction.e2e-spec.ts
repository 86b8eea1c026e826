/**
 * Transactions: the writes happen as one, only on what was read, and their outcome is never guessed.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestRedis } from '@longrun/testing';

import { RedisError, TransactionError } from '../src/index.js';
import type { RedisKit, TransactionReads, TransactionWrites } from '../src/index.js';
import { Kits } from './kits.js';

const LIMIT_MS = 800;
const kits = new Kits(LIMIT_MS);
let redis: TestRedis;
let kit: RedisKit;

/** Adds one by reading and writing. */
async function increment(reads: TransactionReads): Promise<TransactionWrites> {
  return [['SET', 'n', Number(await reads.call('GET', 'n')) + 1]];
}

beforeEach(async () => {
  redis = await kits.startRedis();
  kit = await kits.connect(redis.url);
});
afterEach(() => kits.closeAll());

describe('a transaction', () => {
  it('executes its writes on what it has read, and returns their replies', async () => {
    await kit.command.call('SET', 'n', 41);
    const replies = await kit.exclusive.transaction(['n'], async (reads) => [
      ...(await increment(reads)),
      ['APPEND', 'log', 'x'],
      ['GET', 'n'],
    ]);
    expect(replies).toEqual(['OK', 1, '42']);
    expect(kit.exclusive.info).toMatchObject({ inUse: 0, idle: 1, created: 1 });
  });

  it('begins anew when somebody else was faster, and loses no write of two that race', async () => {
    let runs = 0;
    await kit.exclusive.transaction(['n'], async (reads) => {
      runs += 1;
      const writes = await increment(reads);
      if (runs === 1) await kit.command.call('INCR', 'n');
      return writes;
    });
    expect(runs).toBe(2);
    expect(await kit.command.call('GET', 'n')).toBe('2');

    await kit.command.call('SET', 'n', 0);
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => kit.exclusive.transaction(['n'], increment, { attempts: 30 })),
    );
    const done = results.filter(({ status }) => status === 'fulfilled').length;
    expect(await kit.command.call('GET', 'n')).toBe(String(done));
    expect(done).toBeGreaterThan(0);
  });

  it('gives up after its attempts, having written nothing', async () => {
    let runs = 0;
    const contended = kit.exclusive.transaction(
      ['n'],
      async () => {
        runs += 1;
        await kit.command.call('INCR', 'n');
        return [['SET', 'n', 'mine']];
      },
      { attempts: 2 },
    );
    await expect(contended).rejects.toMatchObject({ outcome: 'not-executed', code: 'CONTENDED' });
    expect(runs).toBe(2);
    expect(await kit.command.call('GET', 'n')).toBe('2');
    expect(kit.exclusive.info).toMatchObject({ inUse: 0, idle: 1 });
  });

  it('writes nothing and gives a clean connection back when there is nothing to write, or deciding fails', async () => {
    expect(await kit.exclusive.transaction(['n'], async () => undefined)).toBeUndefined();
    const failing = kit.exclusive.transaction(['n'], () => Promise.reject(new Error('no idea')));
    await expect(failing).rejects.toThrow('no idea');
    expect(kit.exclusive.info).toMatchObject({ inUse: 0, idle: 1, created: 1 });
    // A connection that still watched would fail this one.
    await kit.command.call('SET', 'n', 1);
    expect(await kit.exclusive.transaction([], async () => [['INCR', 'n']])).toEqual([2]);
  });

  it('says which write was refused, and whether the others were executed', async () => {
    await kit.command.call('SET', 'text', 'a');
    const atOnce: unknown = await kit.exclusive
      .transaction(['n'], async () => [['SET', 'n', 1], ['GET'], ['SET', 'n', 2]])
      .catch((error: unknown) => error);
    expect(atOnce).toBeInstanceOf(TransactionError);
    expect(atOnce).toMatchObject({ index: 1, outcome: 'definitive' });
    expect((atOnce as Error).message).toMatch(/^Nothing was executed: write 2 of 3 was refused\./);
    expect(await kit.command.call('EXISTS', 'n')).toBe(0);

    const within: unknown = await kit.exclusive
      .transaction(['n'], async () => [
        ['SET', 'n', 1],
        ['SET', 'n', 2],
        ['LPUSH', 'text', 'b'],
      ])
      .catch((error: unknown) => error);
    expect(within).toMatchObject({ index: 2, outcome: 'definitive', code: 'WRONGTYPE' });
    expect((within as Error).message).toMatch(/^The others were executed, but write 3 of 3/);
    expect(await kit.command.call('GET', 'n')).toBe('2');
    expect(kit.exclusive.info.idle).toBe(1);
  });

  it('is not executed, and may be repeated, when the server has no memory for a write', async () => {
    await kit.command.call('CONFIG', 'SET', 'maxmemory', '1');
    const full = kit.exclusive.transaction(['n'], async () => [['SET', 'n', 1]]);
    await expect(full).rejects.toMatchObject({ index: 0, outcome: 'not-executed', code: 'OOM' });
    await kit.command.call('CONFIG', 'SET', 'maxmemory', '0');
  });

  it('has an unknown outcome when the answer of EXEC is lost, and was executed once', async () => {
    const proxy = await kits.startProxy(redis);
    const behind = await kits.connect(proxy.urlFor(redis.url));
    await behind.subscriber.subscribe('settled', () => undefined).ready;
    const lost = behind.exclusive.transaction([], async () => {
      proxy.cutNextReply();
      return [['INCR', 'n']];
    });
    await expect(lost).rejects.toMatchObject({ outcome: 'unknown' });
    expect(await kit.command.call('GET', 'n')).toBe('1');
  });

  it('was not executed when the connection is lost before it has begun', async () => {
    const proxy = await kits.startProxy(redis);
    const behind = await kits.connect(proxy.urlFor(redis.url));
    await behind.subscriber.subscribe('settled', () => undefined).ready;
    await behind.exclusive.use((connection) => connection.call('PING'));
    proxy.cutNextReply();
    const lost = behind.exclusive.transaction(['n'], increment);
    await expect(lost).rejects.toMatchObject({ outcome: 'not-executed', code: 'CONNECTION_LOST' });
  });

  it('ends in time when the server freezes, and at once when the caller gives up', async () => {
    const controller = new AbortController();
    const given = kit.exclusive.transaction(
      ['n'],
      async (reads) => {
        controller.abort();
        await reads.call('GET', 'n');
        return [['SET', 'n', 1]];
      },
      { signal: controller.signal },
    );
    await expect(given).rejects.toBeInstanceOf(RedisError);
    const startedAt = performance.now();
    const frozen = kit.exclusive.transaction(
      ['n'],
      async (reads) => {
        redis.signal('SIGSTOP');
        await reads.call('GET', 'n');
        return [['SET', 'n', 1]];
      },
      { timeoutMs: 300 },
    );
    await expect(frozen).rejects.toBeInstanceOf(RedisError);
    expect(performance.now() - startedAt).toBeLessThan(500);
    redis.signal('SIGCONT');
    await kit.command.waitReady(2_000);
    expect(await kit.command.call('EXISTS', 'n')).toBe(0);
  });
});
