/**
 * What is repeated, how often, and until when.
 */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { turn, VirtualClock } from '../../test/virtual-clock.js';
import { RedisError } from '../redis-error.js';
import type { RedisOutcome } from '../redis-error.js';
import { RetryBudget } from './retry-budget.js';
import { mayRetry, retry } from './retry.js';
import type { RetryOptions } from './retry.js';

const LOST = new RedisError('unknown', 'CONNECTION_LOST', 'lost');
const LOADING = new RedisError('not-executed', 'LOADING', 'loading');
const AWAY = new RedisError('not-executed', 'NOT_CONNECTED', 'away');
const WRONGTYPE = new RedisError('definitive', 'WRONGTYPE', 'wrong type');

/** Retries an operation that fails like this and then succeeds, and notes when it was tried. */
function attempt(failures: readonly unknown[], options: Partial<RetryOptions> = {}) {
  const clock = new VirtualClock();
  const tries: number[] = [];
  const outcome = retry(
    async (number) => {
      tries.push(clock.now());
      expect(number).toBe(tries.length);
      if (number <= failures.length) throw failures[number - 1];
      return 'done';
    },
    { idempotent: true, attempts: 3, deadline: 1_000, clock, random: () => 1, ...options },
  );
  // So that a rejection is not unhandled while the clock runs.
  outcome.catch(() => undefined);
  return { clock, tries, outcome };
}

describe('whether something may be repeated', () => {
  it.each<[RedisOutcome, string, boolean, boolean]>([
    ['not-executed', 'LOADING', true, true],
    ['not-executed', 'NOT_CONNECTED', true, true],
    ['not-executed', 'CIRCUIT_OPEN', true, true],
    ['unknown', 'TIMEOUT', true, false],
    ['definitive', 'WRONGTYPE', false, false],
    ['not-executed', 'ABORTED', false, false],
    ['unknown', 'ABORTED', false, false],
    ['not-executed', 'CLOSED', false, false],
    ['not-executed', 'PERMIT_QUEUE_FULL', false, false],
    ['not-executed', 'PERMIT_TIMEOUT', false, false],
    ['not-executed', 'CIRCUIT_ISOLATED', false, false],
  ])('%s %s: %p if it is idempotent, else %p', (outcome, code, idempotent, other) => {
    const error = new RedisError(outcome, code, 'failed');
    expect([mayRetry(error, true), mayRetry(error, false)]).toEqual([idempotent, other]);
  });

  it('is no for what is not an error of the kit, such as a bug of the caller', () => {
    expect([mayRetry(new TypeError('bug'), true), mayRetry(undefined, true)]).toEqual([false, false]);
  });
});

describe('retry', () => {
  it('repeats until it succeeds, with pauses that double', async () => {
    const { clock, tries, outcome } = attempt([LOST, LOADING]);
    await clock.run(1_000);
    await expect(outcome).resolves.toBe('done');
    expect(tries).toEqual([0, 20, 60]);
    expect(clock.timerCount).toBe(0);
  });

  it('ends: it tries as often as it was told, and rejects with the last failure', async () => {
    const { clock, tries, outcome } = attempt(Array.from({ length: 100 }, () => LOADING));
    await clock.run(100_000);
    await expect(outcome).rejects.toBe(LOADING);
    expect(tries).toHaveLength(3);
  });

  it('tries once when it was told once', async () => {
    const { outcome, tries } = attempt([LOADING], { attempts: 1 });
    await expect(outcome).rejects.toBe(LOADING);
    expect(tries).toHaveLength(1);
  });

  it.each([0, -1, Number.NaN, 1.5, Infinity])(
    'refuses %p attempts by name, instead of taking a default',
    async (attempts) => {
      const { outcome, tries } = attempt([], { attempts });
      await expect(outcome).rejects.toThrow(RangeError);
      await expect(outcome).rejects.toThrow(`attempts is ${String(attempts)}`);
      expect(tries).toEqual([]);
    },
  );

  it('does not repeat what the server refused for good, nor errors of the caller', async () => {
    for (const failure of [WRONGTYPE, new TypeError('bug')]) {
      const { outcome, tries } = attempt([failure]);
      await expect(outcome).rejects.toBe(failure);
      expect(tries).toHaveLength(1);
    }
  });

  it('does not repeat what may have been executed, unless it is idempotent', async () => {
    const { outcome, tries } = attempt([LOST], { idempotent: false });
    await expect(outcome).rejects.toBe(LOST);
    expect(tries).toHaveLength(1);
  });

  it('says that it may have been executed when an earlier try may have been', async () => {
    const { clock, outcome } = attempt([LOST, AWAY, AWAY]);
    await clock.run(1_000);
    await expect(outcome).rejects.toMatchObject({ outcome: 'unknown', code: 'NOT_CONNECTED', cause: AWAY });
  });

  it('does not pause past the deadline: it rejects with the last failure at once', async () => {
    const { clock, tries, outcome } = attempt([LOADING, LOADING], { deadline: 60 });
    await clock.run(20);
    await expect(outcome).rejects.toBe(LOADING);
    expect([tries, clock.now(), clock.timerCount]).toEqual([[0, 20], 20, 0]);
  });

  it('begins nothing when what it waited for took until the deadline', async () => {
    const { clock, tries, outcome } = attempt([LOADING], {
      deadline: 100,
      beforeRetry: (_error, remainingMs) =>
        new Promise((resolve) => {
          clock.setTimeout(resolve, remainingMs);
        }),
    });
    await clock.run(100);
    await expect(outcome).rejects.toBe(LOADING);
    expect(tries).toEqual([0]);
  });

  it('tells what it waits for how much time is left, and why it waits', async () => {
    const heard: unknown[] = [];
    const { clock, outcome } = attempt([AWAY], {
      beforeRetry: async (error, remainingMs) => {
        heard.push(error, remainingMs);
      },
    });
    await clock.run(20);
    await expect(outcome).resolves.toBe('done');
    expect(heard).toEqual([AWAY, 980]);
  });

  it('ends with the rejection of what it waited for, which may not promise too much', async () => {
    const closed = new RedisError('not-executed', 'CLOSED', 'closed');
    const beforeRetry = () => Promise.reject(closed);
    const before = attempt([AWAY], { beforeRetry });
    await before.clock.run(20);
    await expect(before.outcome).rejects.toBe(closed);
    const after = attempt([LOST], { beforeRetry });
    await after.clock.run(20);
    await expect(after.outcome).rejects.toMatchObject({ outcome: 'unknown', code: 'CLOSED' });
  });

  it('gives up when the budget has no token, and takes none when it gives up anyway', async () => {
    const clock = new VirtualClock();
    const budget = new RetryBudget({ ratio: 0, minimum: 1, clock });
    const late = attempt([LOADING], { budget, deadline: 5 });
    await expect(late.outcome).rejects.toBe(LOADING);
    expect(budget.tokens).toBe(1);
    const first = attempt([LOADING], { budget });
    await first.clock.run(20);
    await expect(first.outcome).resolves.toBe('done');
    const second = attempt([LOADING], { budget });
    await expect(second.outcome).rejects.toBe(LOADING);
    expect(second.tries).toHaveLength(1);
  });

  it('rejects at once when the caller gives up during a pause, and leaves nothing behind', async () => {
    const gaveUp = new AbortController();
    const { clock, tries, outcome } = attempt([LOST], { signal: gaveUp.signal });
    await turn();
    expect(clock.timerCount).toBe(1);
    gaveUp.abort();
    await expect(outcome).rejects.toMatchObject({ code: 'ABORTED', outcome: 'unknown', cause: LOST });
    expect([tries, clock.timerCount]).toEqual([[0], 0]);
    expect(getEventListeners(gaveUp.signal, 'abort')).toHaveLength(0);
  });

  it('leaves no listener on the signal when the pause ends by itself', async () => {
    const { signal } = new AbortController();
    const { clock, outcome } = attempt([LOST, LOST], { signal });
    await clock.run(1_000);
    await expect(outcome).resolves.toBe('done');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('does not begin for a caller that has given up', async () => {
    const { outcome, tries } = attempt([], { signal: AbortSignal.abort() });
    await expect(outcome).rejects.toMatchObject({ code: 'ABORTED', outcome: 'not-executed' });
    expect(tries).toEqual([]);
  });

  it('never begins a try at or after the deadline, nor more tries than it was told', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(LOST, LOADING, AWAY, WRONGTYPE), { maxLength: 8, size: 'max' }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 300 }),
        fc.boolean(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (failures, attempts, deadline, idempotent, random) => {
          const { clock, tries, outcome } = attempt(failures, {
            attempts,
            deadline,
            idempotent,
            random: () => random,
          });
          await clock.run(deadline + 1);
          const failed = await outcome.then(
            () => undefined,
            (error: unknown) => error,
          );
          expect(tries.length).toBeLessThanOrEqual(attempts);
          expect(tries.every((at) => at < deadline)).toBe(true);
          // Everything before the last try was such that it may be repeated.
          const repeated = failures.slice(0, tries.length - 1);
          expect(repeated.every((error) => mayRetry(error, idempotent))).toBe(true);
          expect(failed === undefined).toBe(tries.length > failures.length);
          expect(clock.timerCount).toBe(0);
        },
      ),
    );
  });
});
