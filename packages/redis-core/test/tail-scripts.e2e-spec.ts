/**
 * The hot tail on a real server: never a hole, never a duplicate, always a message.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestRedis } from '@longrun/testing';
import type { TestRedis } from '@longrun/testing';

import {
  appendTail,
  decodeTailMessage,
  encodeTailEvents,
  readTail,
  ResilientRedisClient,
} from '../src/index.js';
import type { Subscription, TailMessage, TailRecord, TailTarget } from '../src/index.js';

const target: TailTarget = {
  tailKey: 'tail',
  channel: 'events',
  maxLength: 1_000,
  ttlMs: 60_000,
  publishLimitBytes: 10_000,
};
const LIMITS = { records: 500, bytes: 1_000_000 };
let redis: TestRedis;
let client: ResilientRedisClient;
let messages: TailMessage[] = [];

function records(first: number, last: number): TailRecord[] {
  return Array.from({ length: last - first + 1 }, (_, i) => ({
    seq: first + i,
    event: 'updates|sub:1',
    data: `{"text":"ä ${String(first + i)}\\t\\n"}`,
  }));
}

async function seqsFrom(seq: number): Promise<number[]> {
  return (await readTail(client, 'tail', seq, LIMITS)).map((record) => record.seq);
}

/** Messages so far: what was published before a message on another channel of the same connection has arrived with it. */
async function published(): Promise<TailMessage[]> {
  let subscription: Subscription | undefined;
  const passed = new Promise<void>((resolve) => {
    subscription = client.kit.subscriber.subscribe('barrier', () => {
      resolve();
    });
  });
  await subscription?.ready;
  await client.publish('barrier', '');
  await passed;
  subscription?.unsubscribe();
  return messages;
}

beforeAll(async () => {
  redis = await startTestRedis();
  client = new ResilientRedisClient({ url: redis.url });
  await client.init();
  await client.kit.subscriber.subscribe('events', (message) => messages.push(decodeTailMessage(message)))
    .ready;
});
afterAll(async () => {
  await client.close();
  await redis.stop();
});
beforeEach(async () => {
  await client.kit.command.call('FLUSHALL');
  await published();
  messages = [];
});

describe('the tail of a run', () => {
  it('keeps what follows, and pushes it as it was given', async () => {
    expect(await appendTail(client, target, records(0, 2))).toBe(3);
    expect(await appendTail(client, target, records(3, 4))).toBe(2);
    expect(await readTail(client, 'tail', 0, LIMITS)).toEqual(records(0, 4));
    expect(await published()).toEqual([
      { kind: 'events', events: records(0, 2) },
      { kind: 'events', events: records(3, 4) },
    ]);
    expect(await client.kit.command.call('PTTL', 'tail')).toBeGreaterThan(50_000);
  });

  it('skips what it has and pushes it all the same', async () => {
    await appendTail(client, target, records(0, 3));
    expect(await appendTail(client, target, records(2, 5))).toBe(2);
    expect(await appendTail(client, target, records(2, 5))).toBe(0);
    expect(await seqsFrom(0)).toEqual([0, 1, 2, 3, 4, 5]);
    expect((await published()).at(-1)).toEqual({ kind: 'events', events: records(2, 5) });
  });

  it('starts anew when a batch does not follow, so that it never has a hole', async () => {
    await appendTail(client, target, records(0, 3));
    expect(await appendTail(client, target, records(7, 8))).toBe(2);
    expect(await seqsFrom(0)).toEqual([]);
    expect(await seqsFrom(7)).toEqual([7, 8]);
    expect(await client.kit.command.call('XLEN', 'tail')).toBe(2);
  });

  it('starts where the log is after the server has lost everything, script included', async () => {
    await appendTail(client, target, records(0, 3));
    await client.kit.command.call('FLUSHALL');
    await client.kit.command.call('SCRIPT', 'FLUSH');
    expect(await appendTail(client, target, records(4, 6))).toBe(3);
    expect(await seqsFrom(2)).toEqual([]);
    expect(await seqsFrom(5)).toEqual([5, 6]);
  });

  it('announces by their numbers what is too large to push, and keeps it', async () => {
    const large = records(0, 4).map((record) => ({ ...record, data: JSON.stringify('x'.repeat(3_000)) }));
    await appendTail(client, target, large);
    expect(await published()).toEqual([{ kind: 'announce', first: 0, last: 4 }]);
    expect(await readTail(client, 'tail', 0, LIMITS)).toEqual(large);
  });

  it('is read up to the record that reaches the bytes asked for, and always that one', async () => {
    const large = records(0, 49).map((record) => ({ ...record, data: JSON.stringify('x'.repeat(98)) }));
    await appendTail(client, target, large);
    const read = async (limits: Partial<typeof LIMITS>) =>
      (await readTail(client, 'tail', 1, { ...LIMITS, ...limits })).map(({ seq }) => seq);
    expect(await read({ bytes: 1 })).toEqual([1]);
    expect(await read({ bytes: 200 })).toEqual([1, 2]);
    expect(await read({ bytes: 201 })).toEqual([1, 2, 3]);
    expect(await read({ bytes: 4_500 })).toHaveLength(45);
    expect(await read({ records: 45 })).toHaveLength(45);
    expect(await read({})).toHaveLength(49);
  });

  it('pushes a message of exactly the limit and announces one that is a byte longer', async () => {
    const batch = records(0, 3);
    const size = Buffer.byteLength(encodeTailEvents(batch));
    await appendTail(client, { ...target, publishLimitBytes: size }, batch);
    await appendTail(client, { ...target, publishLimitBytes: size - 1 }, batch);
    expect((await published()).map(({ kind }) => kind)).toEqual(['events', 'announce']);
  });

  it('is trimmed to about its length and read only from what it still has', async () => {
    for (let first = 0; first < 1_000; first += 100) {
      await appendTail(
        client,
        { ...target, maxLength: 200, publishLimitBytes: 0 },
        records(first, first + 99),
      );
    }
    expect(Number(await client.kit.command.call('XLEN', 'tail'))).toBeLessThan(400);
    expect(await seqsFrom(0)).toEqual([]);
    expect(await seqsFrom(990)).toEqual([990, 991, 992, 993, 994, 995, 996, 997, 998, 999]);
    expect(await readTail(client, 'tail', 990, { ...LIMITS, records: 3 })).toHaveLength(3);
  });

  it('reads only as far as the numbers follow each other', async () => {
    await appendTail(client, target, records(0, 1));
    // Nothing of ours leaves a hole; a reader must not trust that.
    await client.kit.command.call('XADD', 'tail', '5-0', 'e', 'values', 'd', '{}');
    expect(await seqsFrom(0)).toEqual([0, 1]);
  });
});

describe('the message of a tail', () => {
  it('refuses what is not one', () => {
    expect(() => decodeTailMessage('nonsense')).toThrow(TypeError);
    expect(() => decodeTailMessage('!1')).toThrow(/Not a message/);
    expect(() => decodeTailMessage('-1\tvalues\t{}')).toThrow(TypeError);
  });
});
