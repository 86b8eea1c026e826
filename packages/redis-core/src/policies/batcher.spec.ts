/**
 * Batches: when they are sent, in which order, and that every item has its own answer, once.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { turn, VirtualClock } from '../../test/virtual-clock.js';
import { RedisError } from '../redis-error.js';
import { Batcher } from './batcher.js';
import type { BatcherOptions } from './batcher.js';

interface Sent {
  readonly key: string;
  readonly items: readonly string[];
  readonly succeed: (results?: unknown) => void;
  readonly fail: (error: unknown) => void;
}

/** A batcher whose batches are answered by the test, and what became of each item. */
function batcher(options: Partial<BatcherOptions<string, string>> = {}) {
  const clock = new VirtualClock();
  const sent: Sent[] = [];
  const made = new Batcher<string, string>({
    clock,
    flush: (key, items) =>
      new Promise((resolve, reject) => {
        const all = items.map((item) => `${item}!`);
        sent.push({
          key,
          items,
          succeed: (results = all) => {
            resolve(results as string[]);
          },
          fail: reject,
        });
      }),
    ...options,
  });
  const answers: Record<string, string[]> = {};
  const add = (key: string, item: string, bytes?: number): void => {
    const note = (answer: string): void => {
      (answers[item] ??= []).push(answer);
    };
    made.add(key, item, bytes).then(note, (error: unknown) => {
      note(error instanceof RedisError ? `${error.outcome} ${error.code}` : String(error));
    });
  };
  return { clock, batcher: made, sent, answers, add };
}

describe('a batcher', () => {
  it('sends what was added in one turn together, and answers each item with its own result', async () => {
    const { batcher: batches, sent, answers, add } = batcher();
    for (const item of ['a', 'b', 'c']) add('k', item);
    await Promise.resolve();
    expect(sent).toEqual([]);
    await turn();
    expect(sent).toMatchObject([{ key: 'k', items: ['a', 'b', 'c'] }]);
    sent[0]?.succeed();
    await turn();
    expect(answers).toEqual({ a: ['a!'], b: ['b!'], c: ['c!'] });
    expect(batches.pending).toEqual({ items: 0, bytes: 0 });
    expect(batches.stats.flushes).toMatchObject({ turn: 1 });
  });

  it('sends at once when there are enough items, or enough bytes', async () => {
    const { batcher: batches, sent, add } = batcher({ maxItems: 2, maxBytes: 100 });
    add('k', 'a');
    add('k', 'b');
    add('l', 'c', 100);
    expect(sent.map(({ items }) => items)).toEqual([['a', 'b'], ['c']]);
    expect(batches.stats.flushes).toMatchObject({ count: 1, bytes: 1, turn: 0 });
    await turn();
    expect(sent).toHaveLength(2);
  });

  it('counts the bytes of each batch anew', async () => {
    const { sent, add } = batcher({ maxBytes: 10 });
    add('k', 'a', 6);
    await turn();
    sent[0]?.succeed();
    await turn();
    add('k', 'b', 6);
    expect(sent).toHaveLength(1);
  });

  it('has one batch of a key in flight, and sends the rest when it has come back', async () => {
    const { batcher: batches, sent, add } = batcher({ maxItems: 2 });
    for (const item of ['a', 'b', 'c', 'd', 'e']) add('k', item);
    add('other', 'x');
    await turn();
    expect(sent.map(({ items }) => items)).toEqual([['a', 'b'], ['x']]);
    sent[0]?.succeed();
    await turn();
    expect(sent[2]?.items).toEqual(['c', 'd']);
    sent[2]?.succeed();
    await turn();
    expect(sent[3]?.items).toEqual(['e']);
    expect(batches.stats.flushes).toMatchObject({ returned: 2 });
  });

  it('waits for others as long as it was told, and no longer', async () => {
    const { batcher: batches, clock, sent, add } = batcher({ maxDelayMs: 5 });
    add('k', 'a');
    await clock.run(4);
    add('k', 'b');
    expect(sent).toEqual([]);
    await clock.run(1);
    expect(sent[0]?.items).toEqual(['a', 'b']);
    expect(batches.stats.flushes).toMatchObject({ delay: 1 });
    expect(clock.timerCount).toBe(0);
  });

  it('has no timer left for what has been sent for another reason', () => {
    const { clock, add } = batcher({ maxDelayMs: 5, maxItems: 2 });
    add('k', 'a');
    expect(clock.timerCount).toBe(1);
    add('k', 'b');
    expect(clock.timerCount).toBe(0);
  });

  it('never makes a batch larger than it may be, except of a single item', async () => {
    const { sent, add } = batcher({ maxBytes: 10 });
    for (const [item, bytes] of [
      ['a', 4],
      ['b', 4],
      ['c', 4],
      ['d', 50],
      ['e', 1],
    ] as const)
      add('k', item, bytes);
    for (let i = 0; i < 4; i += 1) {
      await turn();
      sent[i]?.succeed();
    }
    expect(sent.map(({ items }) => items)).toEqual([['a', 'b'], ['c'], ['d'], ['e']]);
  });

  it('rejects exactly the items of a batch that fails', async () => {
    const { sent, answers, add } = batcher({ maxItems: 1 });
    for (const item of ['a', 'b']) add('k', item);
    add('other', 'x');
    sent[0]?.fail(new RedisError('unknown', 'CONNECTION_LOST', 'lost'));
    sent[1]?.succeed();
    await turn();
    sent[2]?.succeed();
    await turn();
    expect(answers).toEqual({ a: ['unknown CONNECTION_LOST'], b: ['b!'], x: ['x!'] });
  });

  it('rejects the items of a batch that throws at once, and goes on', async () => {
    const { answers, add } = batcher({
      flush: () => {
        throw new Error('at once');
      },
    });
    add('k', 'a');
    await turn();
    add('k', 'b');
    await turn();
    expect(answers).toEqual({ a: ['Error: at once'], b: ['Error: at once'] });
  });

  it.each([
    [['only one'], '1 results'],
    [['1', '2', '3'], '3 results'],
    [null, 'object'],
  ])('does not guess when a batch of two is answered with %p', async (results, got) => {
    const { sent, answers, add } = batcher();
    for (const item of ['a', 'b']) add('k', item);
    await turn();
    sent[0]?.succeed(results);
    await turn();
    const clear = `TypeError: A batch of 2 items of k was answered with ${got}; flush must answer one per item.`;
    expect(answers).toEqual({ a: [clear], b: [clear] });
  });

  it('refuses items while too many, or too many bytes, wait for an answer', async () => {
    const { batcher: batches, sent, answers, add } = batcher({ maxPendingItems: 3, maxPendingBytes: 100 });
    add('k', 'a', 60);
    add('k', 'too large', 41);
    add('k', 'b', 40);
    add('l', 'c');
    add('m', 'too many');
    await turn();
    expect(answers).toEqual({
      'too large': ['not-executed BATCHER_FULL'],
      'too many': ['not-executed BATCHER_FULL'],
    });
    expect(batches.pending).toEqual({ items: 3, bytes: 100 });
    for (const batch of sent) batch.succeed();
    await turn();
    add('k', 'd', 100);
    expect(batches.pending).toEqual({ items: 1, bytes: 100 });
  });

  it('flushes on request, and waits for the answers of what was there, not of what comes later', async () => {
    const { batcher: batches, sent, add } = batcher({ maxItems: 2 });
    for (const item of ['a', 'b', 'c']) add('k', item);
    add('other', 'x');
    let flushed = false;
    const flushing = batches.flush().then(() => {
      flushed = true;
    });
    expect(sent.map(({ items }) => items)).toEqual([['a', 'b'], ['x']]);
    add('k', 'd');
    add('other', 'later');
    sent[1]?.fail(new Error('failed'));
    sent[0]?.succeed();
    await turn();
    expect([sent[3]?.items, flushed]).toEqual([['c', 'd'], false]);
    sent[3]?.succeed();
    await flushing;
    expect(batches.stats.flushes).toMatchObject({ count: 1, asked: 1, returned: 2 });
  });

  it('has nothing to wait for when it is empty', async () => {
    await expect(batcher().batcher.flush()).resolves.toBeUndefined();
  });

  it('sends what it has when it is closed, takes nothing more, and leaves no timer', async () => {
    const { batcher: batches, clock, sent, answers, add } = batcher({ maxItems: 2 });
    for (const item of ['a', 'b', 'c']) add('k', item);
    const closed = batches.close(1_000);
    add('k', 'late');
    sent[0]?.succeed();
    await turn();
    sent[1]?.succeed();
    await closed;
    await turn();
    expect(answers).toEqual({ a: ['a!'], b: ['b!'], c: ['c!'], late: ['not-executed CLOSED'] });
    expect([clock.timerCount, batches.pending]).toEqual([0, { items: 0, bytes: 0 }]);
  });

  it('rejects what has no answer at the deadline: unknown what was in flight, not executed what was not', async () => {
    const { batcher: batches, clock, sent, answers, add } = batcher({ maxItems: 2 });
    for (const item of ['a', 'b', 'c']) add('k', item);
    const closed = batches.close(1_000);
    await clock.run(1_000);
    await closed;
    const before = { a: ['unknown CLOSED'], b: ['unknown CLOSED'], c: ['not-executed CLOSED'] };
    expect(answers).toEqual(before);
    // Too late: every item has its one answer.
    sent[0]?.succeed();
    await turn();
    expect([answers, sent.length]).toEqual([before, 1]);
    expect(batches.pending).toEqual({ items: 0, bytes: 0 });
  });

  it('forgets the keys it has done with', async () => {
    const { batcher: batches, sent, add } = batcher();
    for (let i = 0; i < 1_000; i += 1) add(`key ${String(i)}`, String(i));
    await turn();
    for (const batch of sent) batch.succeed();
    await turn();
    expect((batches as unknown as { lanes: Map<string, unknown> }).lanes.size).toBe(0);
  });

  it.each([{ maxItems: 0 }, { maxBytes: Number.NaN }, { maxPendingItems: 0 }, { maxDelayMs: -1 }])(
    'refuses %p by name',
    (options) => {
      expect(() => batcher(options)).toThrow(new RegExp(`^${Object.keys(options)[0] ?? ''} is `));
    },
  );

  it('refuses a size that is not one', async () => {
    await expect(batcher().batcher.add('k', 'a', Number.NaN)).rejects.toThrow(RangeError);
  });

  it('answers every item exactly once and keeps the order of every key, whatever happens', async () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const operation = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('add' as const), key, bytes: fc.nat(8) }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('answer' as const),
          which: fc.nat(3),
          how: fc.constantFrom('succeed' as const, 'succeed' as const, 'fail' as const, 'too few' as const),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('turn' as const, 'flush' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 60, size: 'max' }),
        fc.constantFrom(0, 5),
        async (operations, maxDelayMs) => {
          const limits = { maxItems: 3, maxBytes: 10, maxPendingItems: 12, maxPendingBytes: 40, maxDelayMs };
          const { batcher: batches, clock, sent, answers, add } = batcher(limits);
          const added: { key: string; item: string; bytes: number }[] = [];
          const answered = new Set<Sent>();
          const open = (): Sent[] => sent.filter((batch) => !answered.has(batch));
          for (const one of operations) {
            if (one.do === 'add') {
              const item = String(added.length);
              added.push({ key: one.key, item, bytes: one.bytes });
              add(one.key, item, one.bytes);
            } else if (one.do === 'answer') {
              const batch = open()[one.which];
              if (batch === undefined) continue;
              answered.add(batch);
              if (one.how === 'succeed') batch.succeed();
              else if (one.how === 'fail') batch.fail(new Error('failed'));
              else batch.succeed([]);
            } else if (one.do === 'flush') void batches.flush();
            else await clock.run(5);
            const keys = open().map((batch) => batch.key);
            expect(new Set(keys).size).toBe(keys.length);
            expect(batches.pending.items).toBeLessThanOrEqual(limits.maxPendingItems);
            expect(batches.pending.bytes).toBeLessThanOrEqual(limits.maxPendingBytes);
          }
          for (let i = 0; i < 30; i += 1) {
            await clock.run(5);
            for (const batch of open()) {
              answered.add(batch);
              batch.succeed();
            }
          }
          const refused = added.filter(({ item }) => answers[item]?.[0] === 'not-executed BATCHER_FULL');
          for (const name of ['a', 'b', 'c']) {
            const expected = added.filter((one) => one.key === name && !refused.includes(one));
            const batchesOfKey = sent.filter((batch) => batch.key === name);
            expect(batchesOfKey.flatMap(({ items }) => items)).toEqual(expected.map(({ item }) => item));
          }
          for (const { items } of sent) {
            expect(items.length).toBeLessThanOrEqual(limits.maxItems);
            const bytes = items.reduce((sum, item) => sum + (added[Number(item)]?.bytes ?? 0), 0);
            expect(bytes).toBeLessThanOrEqual(limits.maxBytes);
          }
          expect(Object.keys(answers)).toHaveLength(added.length);
          expect(Object.values(answers).every((of) => of.length === 1)).toBe(true);
          expect([batches.pending, clock.timerCount]).toEqual([{ items: 0, bytes: 0 }, 0]);
        },
      ),
      { numRuns: 80 },
    );
  });
});
