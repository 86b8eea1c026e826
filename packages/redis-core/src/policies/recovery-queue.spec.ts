/**
 * Work deferred while Redis is away: in which order it is done, how often it is tried, and what becomes of it.
 */
import { describe, expect, it } from '@jest/globals';

import { controlled, failing, LOADING, queue } from '../../test/deferred-work.js';
import { turn } from '../../test/virtual-clock.js';
import { RedisError } from '../redis-error.js';

const AWAY = new RedisError('not-executed', 'NOT_CONNECTED', 'away');
const LOST = new RedisError('unknown', 'CONNECTION_LOST', 'lost');

describe('the order of deferred work', () => {
  it('is the order of the offers within a priority, and the high priority before the normal one', async () => {
    const { queue: deferred, calls, offer } = queue({ concurrency: 1 });
    for (const name of ['n1', 'n2', 'n3']) void offer(name);
    for (const name of ['h1', 'h2']) void offer(name, { priority: 'high' });
    deferred.start();
    await turn();
    expect(calls).toEqual(['h1', 'h2', 'n1', 'n2', 'n3']);
  });

  it('is the order of the offers within a key, even if a later one is more urgent', async () => {
    const { queue: deferred, calls, offer } = queue({ concurrency: 16 });
    const first = controlled();
    void offer('old', { key: 'k', write: first.write });
    void offer('new', { key: 'k', priority: 'high' });
    deferred.start();
    await turn();
    expect(calls).toEqual(['old']);
    first.succeed();
    await turn();
    expect(calls).toEqual(['old', 'new']);
  });

  it('lets what is ahead of something urgent be urgent too: priorities are not inverted', async () => {
    const { queue: deferred, calls, offer } = queue({ concurrency: 1 });
    for (const name of ['n1', 'n2']) void offer(name);
    void offer('old', { key: 'k' });
    void offer('h1', { priority: 'high' });
    void offer('urgent', { key: 'k', priority: 'high' });
    deferred.start();
    await turn();
    expect(calls).toEqual(['old', 'h1', 'urgent', 'n1', 'n2']);
  });

  it('does not depend on what is written: entries of equal priority and time are not compared by it', async () => {
    const { queue: deferred, calls, offer } = queue({ concurrency: 1 });
    const uncomparable = {
      [Symbol.toPrimitive]: () => {
        throw new TypeError('compared');
      },
    };
    const names = Array.from({ length: 50 }, (_, i) => `same ${String(i)}`);
    for (const name of names)
      void offer(name, { ...uncomparable, write: Object.assign(async () => 1, uncomparable) });
    deferred.start();
    await turn();
    expect(calls).toEqual(names);
  });

  it('has work of a failed try in its place: after its pause, but before what came later', async () => {
    const { queue: deferred, clock, calls, offer } = queue({ concurrency: 1 });
    const blocking = controlled();
    void offer('again', { key: 'k', write: failing(LOADING) });
    void offer('later of the key', { key: 'k' });
    void offer('blocking', { write: blocking.write });
    void offer('n');
    deferred.start();
    await turn();
    expect(calls).toEqual(['again', 'blocking']);
    await clock.run(100);
    blocking.succeed();
    await turn();
    expect(calls).toEqual(['again', 'blocking', 'again', 'later of the key', 'n']);
  });
});

describe('deferred work', () => {
  it('waits until Redis is back, and counts as stored only when it has really been written', async () => {
    const { queue: deferred, calls, outcomes, offer } = queue();
    const write = controlled();
    void offer('a', { write: write.write });
    await turn();
    expect([calls, outcomes, deferred.has('a')]).toEqual([[], {}, true]);
    deferred.start();
    await turn();
    expect([calls, outcomes, deferred.info.running]).toEqual([['a'], {}, 1]);
    write.succeed();
    await turn();
    expect(outcomes).toEqual({ a: { state: 'stored' } });
    expect(deferred.info).toMatchObject({ entries: 0, bytes: 0, running: 0, stored: 1 });
    expect(deferred.has('a')).toBe(false);
  });

  it('is not begun any more once Redis is away again; what runs is left to settle', async () => {
    const { queue: deferred, calls, outcomes, offer } = queue({ concurrency: 1 });
    const write = controlled();
    void offer('a', { write: write.write });
    void offer('b');
    deferred.start();
    deferred.stop();
    write.succeed();
    await turn();
    expect([calls, outcomes]).toEqual([['a'], { a: { state: 'stored' } }]);
    deferred.start();
    await turn();
    expect(outcomes['b']).toEqual({ state: 'stored' });
  });

  it('is done by several at a time: one write that hangs does not stop the others', async () => {
    const { queue: deferred, outcomes, offer } = queue({ concurrency: 2 });
    void offer('hangs', { write: () => new Promise(() => undefined) });
    for (let i = 0; i < 100; i += 1) void offer(`n${String(i)}`);
    deferred.start();
    await turn();
    expect(Object.keys(outcomes)).toHaveLength(100);
    expect(deferred.info).toMatchObject({ stored: 100, running: 1, entries: 1 });
  });

  it('comes back one at a time at first, and more at a time every moment, up to the limit', async () => {
    const { queue: deferred, clock, offer } = queue({ concurrency: 5, rampMs: 400 });
    for (let i = 0; i < 20; i += 1)
      void offer(`n${String(i)}`, { write: () => new Promise(() => undefined) });
    deferred.start();
    const running: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      running.push(deferred.info.running);
      await clock.run(100);
    }
    expect(running).toEqual([1, 2, 3, 4, 5, 5]);
  });

  it('goes on coming back as before when it is told again that Redis is back', async () => {
    const { queue: deferred, clock, offer } = queue({ concurrency: 5, rampMs: 400 });
    for (let i = 0; i < 20; i += 1)
      void offer(`n${String(i)}`, { write: () => new Promise(() => undefined) });
    deferred.start();
    await clock.run(300);
    deferred.start();
    await clock.run(100);
    expect(deferred.info.running).toBe(5);
  });

  it('is tried as often as it may be, with pauses that grow, and then failed with the last error', async () => {
    const { queue: deferred, clock, calls, outcomes, offer } = queue();
    void offer('a', { write: failing(LOADING, LOADING, LOST, LOADING) });
    deferred.start();
    const callsAt: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      await clock.run(50);
      callsAt.push(calls.length);
    }
    expect(callsAt).toEqual([1, 2, 2, 2, 2, 3, 3, 3, 3, 3]);
    expect(outcomes['a']).toEqual({ state: 'failed', error: LOST });
    expect([deferred.info.failed, clock.timerCount]).toEqual([1, 0]);
  });

  it('does not use up its tries on those that did not get as far as Redis, but ends when it expires', async () => {
    const { queue: deferred, clock, calls, outcomes, offer } = queue();
    void offer('a', { attempts: 1, write: failing(AWAY, AWAY, AWAY) });
    void offer('never', {
      attempts: 1,
      expiresAfterMs: 30_000,
      write: () => Promise.reject(AWAY),
    });
    deferred.start();
    await clock.run(29_999);
    expect(outcomes).toEqual({ a: { state: 'stored' } });
    await clock.run(1);
    expect(outcomes['never']).toEqual({ state: 'expired' });
    // Paused for a second at the most: it was not tried in a tight loop.
    expect(calls.filter((name) => name === 'never').length).toBeLessThan(40);
    expect(clock.timerCount).toBe(0);
  });

  it('comes back later when there was no permit for it, which in line would not be repeated', async () => {
    const { queue: deferred, clock, outcomes, offer } = queue();
    const full = new RedisError('not-executed', 'PERMIT_QUEUE_FULL', 'full');
    void offer('a', { write: failing(full) });
    deferred.start();
    await clock.run(100);
    expect(outcomes['a']).toEqual({ state: 'stored' });
  });

  it('fails at once with what no repetition can mend, also when it throws instead of rejecting', async () => {
    const { queue: deferred, outcomes, offer } = queue();
    const wrongType = new RedisError('definitive', 'WRONGTYPE', 'wrong type');
    const bug = new TypeError('bug');
    void offer('a', { write: failing(wrongType) });
    void offer('b', { idempotent: false, write: failing(LOST) });
    void offer('c', {
      write: () => {
        throw bug;
      },
    });
    deferred.start();
    await turn();
    expect(outcomes).toEqual({
      a: { state: 'failed', error: wrongType },
      b: { state: 'failed', error: LOST },
      c: { state: 'failed', error: bug },
    });
  });

  it.each([
    { attempts: 0 },
    { attempts: Number.NaN },
    { bytes: -1 },
    { expiresAfterMs: Infinity },
    { baseDelayMs: Number.NaN },
  ])('with %p is refused by name, instead of being given a default', (work) => {
    const { offer, queue: deferred } = queue();
    expect(() => offer('a', work)).toThrow(RangeError);
    expect(() => offer('a', work)).toThrow(new RegExp(`^${Object.keys(work)[0] ?? ''} is `));
    expect(deferred.info.entries).toBe(0);
  });
});

describe('deferred work that expires', () => {
  it('does so at its own time, also while the queue is stopped, with one timer for all', async () => {
    const { queue: deferred, clock, outcomes, offer } = queue();
    void offer('late', { expiresAfterMs: 300 });
    void offer('early', { expiresAfterMs: 100 });
    for (let i = 0; i < 100; i += 1) void offer(`later ${String(i)}`, { expiresAfterMs: 400 });
    // The first one's and then the earlier one's: it is not set anew for each that comes later.
    expect([clock.timerCount, clock.timersStarted]).toEqual([1, 2]);
    await clock.run(99);
    expect(outcomes).toEqual({});
    await clock.run(1);
    expect(outcomes).toEqual({ early: { state: 'expired' } });
    await clock.run(200);
    expect(outcomes['late']).toEqual({ state: 'expired' });
    await clock.run(100);
    expect([deferred.info.expired, deferred.info.entries, clock.timerCount]).toEqual([102, 0, 0]);
  });

  it('is aborted while it runs, and its write says whether it was done after all', async () => {
    const { queue: deferred, clock, outcomes, offer } = queue();
    const [done, notDone] = [controlled(), controlled()];
    void offer('done', { write: done.write, expiresAfterMs: 100 });
    void offer('not done', { write: notDone.write, expiresAfterMs: 100 });
    deferred.start();
    await clock.run(100);
    expect([done.signal()?.aborted, notDone.signal()?.aborted, outcomes]).toEqual([true, true, {}]);
    done.succeed();
    notDone.fail(LOADING);
    await turn();
    expect(outcomes).toEqual({ done: { state: 'stored' }, 'not done': { state: 'expired' } });
  });

  it('lets the next of its key go on', async () => {
    const { queue: deferred, clock, calls, offer } = queue();
    void offer('old', { key: 'k', expiresAfterMs: 100 });
    void offer('new', { key: 'k' });
    await clock.run(100);
    deferred.start();
    await turn();
    expect(calls).toEqual(['new']);
  });
});
