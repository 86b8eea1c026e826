/**
 * What a recovery queue drops when it is full or closed, and how to wait for the work of a key.
 */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';

import { controlled, failing, LOADING, queue } from '../../test/deferred-work.js';
import { turn } from '../../test/virtual-clock.js';
import type { DeferredOutcome } from './recovery-queue.js';

describe('a full recovery queue', () => {
  it('drops the lowest priority first, among them the oldest, and says so', async () => {
    const { queue: deferred, outcomes, offer } = queue({ maxEntries: 3 });
    const dropped: string[] = [];
    deferred.on('dropped', (...told) => dropped.push(told.join(' ')));
    void offer('h1', { priority: 'high' });
    void offer('n1');
    void offer('n2');
    void offer('h2', { priority: 'high' });
    void offer('n3');
    void offer('h3', { priority: 'high' });
    void offer('h4', { priority: 'high' });
    void offer('n4');
    await turn();
    expect(dropped).toEqual([
      'n1 normal overflow',
      'n2 normal overflow',
      'n3 normal overflow',
      'h1 high overflow',
      'n4 normal overflow',
    ]);
    expect(outcomes['h1']).toEqual({ state: 'dropped', reason: 'overflow' });
    expect(outcomes['n4']).toEqual({ state: 'dropped', reason: 'overflow' });
    expect(deferred.info).toMatchObject({ entries: 3, dropped: { high: 1, normal: 4 } });
  });

  it('is bounded in bytes as well: as many are dropped as make room', async () => {
    const { queue: deferred, outcomes, offer } = queue({ maxBytes: 100 });
    for (const name of ['a', 'b', 'c']) void offer(name, { bytes: 30 });
    void offer('large', { bytes: 60 });
    await turn();
    expect(outcomes).toEqual({
      a: { state: 'dropped', reason: 'overflow' },
      b: { state: 'dropped', reason: 'overflow' },
    });
    expect(deferred.info).toMatchObject({ entries: 2, bytes: 90 });
  });

  it('drops nothing for a newcomer that would not fit anyway', async () => {
    const { queue: deferred, outcomes, offer } = queue({ maxBytes: 100 });
    void offer('high', { bytes: 60, priority: 'high' });
    void offer('normal', { bytes: 30 });
    void offer('larger than the queue', { bytes: 101, priority: 'high' });
    void offer('larger than all normal ones', { bytes: 50 });
    await turn();
    expect(Object.keys(outcomes)).toEqual(['larger than the queue', 'larger than all normal ones']);
    expect(deferred.info.entries).toBe(2);
  });

  it('does not drop what is running', async () => {
    const { queue: deferred, outcomes, offer } = queue({ maxEntries: 1 });
    const write = controlled();
    void offer('runs', { write: write.write });
    deferred.start();
    void offer('newcomer', { priority: 'high' });
    await turn();
    expect(outcomes).toEqual({ newcomer: { state: 'dropped', reason: 'overflow' } });
    write.succeed();
    await turn();
    expect(outcomes['runs']).toEqual({ state: 'stored' });
  });

  it('never holds more than it may, however much is offered', async () => {
    const { queue: deferred, offer } = queue({ maxEntries: 100, maxBytes: 1_000 });
    const all: Promise<DeferredOutcome>[] = [];
    for (let i = 0; i < 10_000; i += 1) {
      all.push(offer(`k${String(i % 7)}`, { bytes: i % 50, priority: i % 3 === 0 ? 'high' : 'normal' }));
      expect(deferred.info.entries).toBeLessThanOrEqual(100);
      expect(deferred.info.bytes).toBeLessThanOrEqual(1_000);
    }
    deferred.start();
    const states = (await Promise.all(all)).map(({ state }) => state);
    const { stored, dropped } = deferred.info;
    expect(states.filter((state) => state === 'stored')).toHaveLength(stored);
    expect(stored + dropped.high + dropped.normal).toBe(10_000);
  });

  it('is not confused by a listener that offers something in place of what was dropped', async () => {
    const { queue: deferred, offer } = queue({ maxEntries: 2 });
    let again = 3;
    deferred.on('dropped', (key) => {
      if (again === 0) return;
      again -= 1;
      void offer(`${key}'`, { priority: 'high' });
    });
    for (const name of ['a', 'b', 'c']) void offer(name);
    await turn();
    expect(deferred.info.entries).toBe(2);
    const { dropped } = deferred.info;
    expect(dropped.high + dropped.normal + 2).toBe(6);
  });
});

describe('waiting for the deferred work of a key', () => {
  it('ends at once when there is none', async () => {
    await expect(queue().queue.idle('k')).resolves.toBeUndefined();
  });

  it('ends when all of it has settled, which then goes first of all', async () => {
    const { queue: deferred, calls, offer } = queue({ concurrency: 1 });
    for (const name of ['h1', 'h2']) void offer(name, { priority: 'high' });
    void offer('old', { key: 'k' });
    void offer('older now', { key: 'k' });
    const idle = deferred.idle('k');
    void offer('h3', { priority: 'high' });
    deferred.start();
    await idle;
    expect(calls.slice(0, 2)).toEqual(['old', 'older now']);
    expect(deferred.has('k')).toBe(false);
  });

  it('does not wait for the rest of a pause', async () => {
    const { queue: deferred, outcomes, offer } = queue();
    void offer('old', { key: 'k', write: failing(LOADING), baseDelayMs: 1_000 });
    deferred.start();
    await turn();
    expect(outcomes).toEqual({});
    await deferred.idle('k');
    expect(outcomes['old']).toEqual({ state: 'stored' });
  });

  it('ends one pause, not every one for each who waits: a server in trouble is not pressed', async () => {
    const { queue: deferred, calls, offer } = queue();
    void offer('old', { key: 'k', attempts: 100, write: () => Promise.reject(LOADING) });
    deferred.start();
    await turn();
    for (let i = 0; i < 10; i += 1) {
      void deferred.idle('k');
      await turn();
    }
    expect(calls).toEqual(['old', 'old']);
  });

  it('puts what is offered meanwhile in front too, as it is waited for as well', async () => {
    const { queue: deferred, calls, offer } = queue({ concurrency: 1 });
    void offer('h', { priority: 'high' });
    void offer('old', { key: 'k' });
    const idle = deferred.idle('k');
    void offer('new', { key: 'k' });
    deferred.start();
    await idle;
    expect(calls.slice(0, 2)).toEqual(['old', 'new']);
  });

  it('ends when the work is dropped or has expired', async () => {
    const { queue: deferred, clock, offer } = queue({ maxEntries: 1 });
    void offer('a', { expiresAfterMs: 100 });
    const expired = deferred.idle('a');
    await clock.run(100);
    await expired;
    void offer('b');
    const closed = deferred.idle('b');
    await deferred.close();
    await closed;
  });

  it('can be given up, and leaves no listener', async () => {
    const { queue: deferred, offer } = queue();
    void offer('a');
    const gaveUp = new AbortController();
    const idle = deferred.idle('a', gaveUp.signal);
    gaveUp.abort();
    await expect(idle).rejects.toMatchObject({ code: 'ABORTED', outcome: 'not-executed' });
    const { signal } = new AbortController();
    const second = deferred.idle('a', signal);
    deferred.start();
    await second;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('closing a recovery queue', () => {
  it('drops what is left, aborts what runs, and leaves no timer', async () => {
    const { queue: deferred, clock, outcomes, offer } = queue({ concurrency: 1 });
    const write = controlled();
    const dropped: string[] = [];
    deferred.on('dropped', (...told) => dropped.push(told.join(' ')));
    deferred.start();
    void offer('runs', { write: write.write });
    void offer('waits', { priority: 'high' });
    await deferred.close();
    void offer('late');
    await turn();
    const closed = { state: 'dropped', reason: 'closed' };
    expect(outcomes).toEqual({ runs: closed, waits: closed, late: closed });
    expect([write.signal()?.aborted, clock.timerCount]).toEqual([true, 0]);
    expect(dropped).toEqual(['runs normal closed', 'waits high closed']);
    // Too late to count.
    write.succeed();
    await turn();
    expect(deferred.info).toMatchObject({ entries: 0, bytes: 0, running: 0, stored: 0 });
  });

  it('goes on until everything is done, if there is time for it', async () => {
    const { queue: deferred, clock, outcomes, offer } = queue({ concurrency: 1 });
    const write = controlled();
    void offer('a', { write: write.write });
    void offer('b');
    deferred.start();
    const closed = deferred.close(1_000);
    await turn();
    expect(outcomes).toEqual({});
    write.succeed();
    await closed;
    expect(outcomes).toEqual({ a: { state: 'stored' }, b: { state: 'stored' } });
    expect([clock.now(), clock.timerCount]).toEqual([0, 0]);
  });

  it('does not wait longer than it was told', async () => {
    const { queue: deferred, clock, outcomes, offer } = queue();
    void offer('hangs', { write: () => new Promise(() => undefined) });
    deferred.start();
    const closed = deferred.close(1_000);
    await clock.run(1_000);
    await closed;
    expect(outcomes).toEqual({ hangs: { state: 'dropped', reason: 'closed' } });
  });

  it('waits only for what runs when Redis is away', async () => {
    const { queue: deferred, clock, outcomes, offer } = queue();
    void offer('a');
    await deferred.close(1_000);
    expect(outcomes).toEqual({ a: { state: 'dropped', reason: 'closed' } });
    expect(clock.timerCount).toBe(0);
  });
});
