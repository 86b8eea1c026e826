/**
 * Permits: who gets one, who waits, who is refused, and that none is ever lost.
 */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';

import { turn, VirtualClock } from '../../test/virtual-clock.js';
import { RedisError } from '../redis-error.js';
import { Semaphore } from './semaphore.js';
import type { AcquireOptions, PermitTaker, SemaphoreOptions } from './semaphore.js';

function semaphore(options: Partial<SemaphoreOptions> = {}) {
  const clock = new VirtualClock();
  return { clock, permits: new Semaphore({ permits: 1, maxWaiting: 100, clock, ...options }) };
}

/** Acquires, and notes in `log` what comes of it. */
function caller(permits: Semaphore, log: string[], name: string, options: Partial<AcquireOptions> = {}) {
  permits.acquire({ maxWaitMs: 10_000, ...options }).then(
    () => log.push(name),
    (error: unknown) => log.push(`${name} ${error instanceof RedisError ? error.code : String(error)}`),
  );
}

describe('a semaphore', () => {
  it('hands out as many permits as it has, and one more only when one has come back', async () => {
    const { permits } = semaphore({ permits: 2 });
    const log: string[] = [];
    for (const name of ['a', 'b', 'c']) caller(permits, log, name);
    await turn();
    expect([log, permits.inUse, permits.waiting]).toEqual([['a', 'b'], 2, 1]);
    permits.release();
    await turn();
    expect([log, permits.inUse, permits.waiting]).toEqual([['a', 'b', 'c'], 2, 0]);
  });

  it('gives a permit that comes back to who waits, not to who happens to ask first', async () => {
    const { permits } = semaphore();
    const log: string[] = [];
    permits.tryAcquire();
    caller(permits, log, 'waiting');
    permits.release();
    expect(permits.tryAcquire()).toBe(false);
    await turn();
    expect(log).toEqual(['waiting']);
  });

  it('serves the classes in their order, and first in first out within a class', async () => {
    const { permits } = semaphore();
    const log: string[] = [];
    permits.tryAcquire();
    caller(permits, log, 'last 1', { priority: 2 });
    caller(permits, log, 'middle 1');
    caller(permits, log, 'first 1', { priority: 0 });
    caller(permits, log, 'last 2', { priority: 2 });
    caller(permits, log, 'middle 2', { priority: 1 });
    caller(permits, log, 'first 2', { priority: 0 });
    for (let i = 0; i < 6; i += 1) {
      permits.release();
      await turn();
    }
    expect(log).toEqual(['first 1', 'first 2', 'middle 1', 'middle 2', 'last 1', 'last 2']);
  });

  it('does not let a steady stream of the first class starve the last', async () => {
    const { permits, clock } = semaphore({ ageingMs: 100 });
    const log: string[] = [];
    permits.tryAcquire();
    caller(permits, log, 'last', { priority: 2 });
    for (let i = 0; i < 4; i += 1) {
      clock.advance(60);
      caller(permits, log, `first ${String(i)}`, { priority: 0 });
      permits.release();
      await turn();
    }
    // Two classes up after 200 ms, and then older than any other of its class.
    expect(log).toEqual(['first 0', 'first 1', 'first 2', 'last']);
  });

  it('refuses the caller for whom there is no room in the queue, and says how many wait', async () => {
    const { permits } = semaphore({ maxWaiting: 1 });
    permits.tryAcquire();
    const log: string[] = [];
    caller(permits, log, 'waits');
    const failure = await permits.acquire({ maxWaitMs: 10 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ outcome: 'not-executed', code: 'PERMIT_QUEUE_FULL' });
    expect(String(failure)).toContain('1 callers wait already for 1 permits');
    expect(permits.stats.rejected).toEqual({ full: 1, timeout: 0, aborted: 0 });
  });

  it('ends each wait at its own time', async () => {
    const { permits, clock } = semaphore();
    const log: string[] = [];
    permits.tryAcquire();
    caller(permits, log, 'long', { maxWaitMs: 300 });
    caller(permits, log, 'short', { maxWaitMs: 50 });
    caller(permits, log, 'none', { maxWaitMs: 0 });
    await clock.run(49);
    expect(log).toEqual(['none PERMIT_TIMEOUT']);
    await clock.run(1);
    expect(log).toEqual(['none PERMIT_TIMEOUT', 'short PERMIT_TIMEOUT']);
    await clock.run(250);
    expect(log[2]).toBe('long PERMIT_TIMEOUT');
    expect([permits.waiting, clock.timerCount, permits.inUse]).toEqual([0, 0, 1]);
    expect(permits.stats).toMatchObject({ rejected: { timeout: 3 }, waited: 2, waitedMsTotal: 350 });
  });

  it('has one timer for all who wait, and none when nobody does', async () => {
    const { permits, clock } = semaphore({ maxWaiting: 1_000 });
    permits.tryAcquire();
    for (let i = 0; i < 1_000; i += 1) caller(permits, [], '', { maxWaitMs: 1 + ((i * 7) % 500) });
    expect(clock.timerCount).toBe(1);
    for (let i = 0; i < 1_000; i += 1) permits.release();
    expect(clock.timerCount).toBe(0);
  });

  it('removes exactly the waiter whose signal aborts, not another one', async () => {
    const { permits } = semaphore();
    const log: string[] = [];
    const gaveUp = new AbortController();
    permits.tryAcquire();
    caller(permits, log, 'a');
    caller(permits, log, 'b', { signal: gaveUp.signal });
    caller(permits, log, 'c');
    gaveUp.abort();
    await turn();
    expect([log, permits.waiting]).toEqual([['b ABORTED'], 2]);
    for (let i = 0; i < 2; i += 1) {
      permits.release();
      await turn();
    }
    expect(log).toEqual(['b ABORTED', 'a', 'c']);
  });

  it('leaves no listener on a signal, however the wait ends', async () => {
    const { permits, clock } = semaphore();
    const { signal } = new AbortController();
    permits.tryAcquire();
    caller(permits, [], 'granted', { signal });
    permits.release();
    caller(permits, [], 'timed out', { signal, maxWaitMs: 10 });
    await clock.run(10);
    caller(permits, [], 'closed', { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    permits.close();
    const work = semaphore().permits;
    await work.use(async () => undefined, { maxWaitMs: 1, signal });
    await turn();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('loses no permit to a caller that gives up in the moment in which it gets one', async () => {
    const { permits } = semaphore();
    const gaveUp = new AbortController();
    const log: string[] = [];
    permits.tryAcquire();
    const use = permits.use(async () => log.push('worked'), { maxWaitMs: 100, signal: gaveUp.signal });
    caller(permits, log, 'next');
    permits.release();
    gaveUp.abort();
    await expect(use).rejects.toMatchObject({ code: 'ABORTED', outcome: 'not-executed' });
    await turn();
    expect([log, permits.inUse, permits.waiting]).toEqual([['next'], 1, 0]);
  });

  it('refuses a caller that has given up already, and takes no permit for it', async () => {
    const { permits } = semaphore();
    await expect(permits.acquire({ maxWaitMs: 10, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect(permits.inUse).toBe(0);
  });

  it('keeps the permit while the work goes on, though its caller has given up', async () => {
    const { permits } = semaphore();
    const gaveUp = new AbortController();
    let finish = (): void => undefined;
    const use = permits.use(() => new Promise<void>((resolve) => (finish = resolve)), {
      maxWaitMs: 10,
      signal: gaveUp.signal,
    });
    await turn();
    gaveUp.abort();
    await expect(use).rejects.toMatchObject({ code: 'ABORTED', outcome: 'unknown' });
    expect(permits.inUse).toBe(1);
    finish();
    await turn();
    expect(permits.inUse).toBe(0);
  });

  it('hands on what work returns or throws, and has the permit back by then', async () => {
    const { permits } = semaphore();
    await expect(permits.use(async () => 42, { maxWaitMs: 0 })).resolves.toBe(42);
    const thrown = permits.use(
      () => {
        throw new Error('at once');
      },
      { maxWaitMs: 0 },
    );
    await expect(thrown).rejects.toThrow('at once');
    expect(permits.inUse).toBe(0);
  });

  it('wakes waiters when it grows, and lets permits retire when it shrinks', async () => {
    const { permits } = semaphore();
    const log: string[] = [];
    permits.tryAcquire();
    for (const name of ['a', 'b', 'c']) caller(permits, log, name);
    permits.resize(3);
    await turn();
    expect([log, permits.inUse]).toEqual([['a', 'b'], 3]);
    permits.resize(1);
    permits.release();
    permits.release();
    await turn();
    expect([log.length, permits.inUse, permits.permits]).toEqual([2, 1, 1]);
    permits.release();
    await turn();
    expect([log, permits.inUse]).toEqual([['a', 'b', 'c'], 1]);
  });

  it('serves those who ask without a promise in line with the others, and lets them leave', async () => {
    const { permits, clock } = semaphore();
    const log: string[] = [];
    const taker = (name: string): PermitTaker => ({
      granted: () => log.push(name),
      refused: ({ code }) => log.push(`${name} ${code}`),
    });
    expect(permits.request(taker('at once'), 1)).toBeUndefined();
    caller(permits, log, 'a');
    const leaving = permits.request(taker('leaves'), 1);
    permits.request(taker('b'), 1);
    permits.request(taker('first'), 0);
    if (leaving === undefined) throw new Error('had no need to wait');
    permits.leave(leaving);
    permits.leave(leaving);
    expect([permits.waiting, clock.timerCount]).toEqual([3, 1]);
    for (let i = 0; i < 3; i += 1) {
      permits.release();
      await turn();
    }
    expect(log).toEqual(['at once', 'first', 'a', 'b']);
    permits.request(taker('closed'), 1);
    permits.close();
    expect(permits.request(taker('late'), 1)).toBeUndefined();
    expect(log.slice(4)).toEqual(['closed CLOSED', 'late CLOSED']);
    const full = semaphore({ maxWaiting: 0 }).permits;
    full.tryAcquire();
    full.request(taker('full'), 1);
    expect(log[6]).toBe('full PERMIT_QUEUE_FULL');
  });

  it('serves a hundred thousand who give their permit back at once, and does not run out of stack', () => {
    const { permits } = semaphore({ maxWaiting: 100_000 });
    let served = 0;
    const granted = (): void => {
      served += 1;
      permits.release();
    };
    permits.tryAcquire();
    for (let i = 0; i < 100_000; i += 1) permits.request({ granted, refused: () => undefined }, 1);
    permits.release();
    expect([served, permits.inUse, permits.waiting]).toEqual([100_000, 0, 0]);
  });

  it('lets nobody jump the queue who asks while permits are being handed out', () => {
    const { permits } = semaphore();
    const log: string[] = [];
    permits.tryAcquire();
    permits.request(
      { granted: () => log.push(`first, ${String(permits.tryAcquire())}`), refused: () => undefined },
      1,
    );
    permits.request({ granted: () => log.push('second'), refused: () => undefined }, 1);
    permits.resize(3);
    expect(log).toEqual(['first, false', 'second']);
  });

  it('grants nothing any more while it is being closed', () => {
    const { permits } = semaphore();
    const log: string[] = [];
    permits.tryAcquire();
    const refused = (): void => {
      log.push('refused');
      if (log.length === 1) permits.release();
    };
    for (let i = 0; i < 2; i += 1) permits.request({ granted: () => log.push('granted'), refused }, 1);
    permits.close();
    expect(log).toEqual(['refused', 'refused']);
  });

  it('refuses everybody once it is closed, and leaves no timer', async () => {
    const { permits, clock } = semaphore();
    const log: string[] = [];
    permits.tryAcquire();
    caller(permits, log, 'waiting');
    permits.close();
    caller(permits, log, 'late');
    await turn();
    expect(log).toEqual(['waiting CLOSED', 'late CLOSED']);
    expect(clock.timerCount).toBe(0);
    permits.release();
    expect([permits.tryAcquire(), permits.inUse]).toEqual([false, 0]);
  });

  it('says so when a permit is released twice', () => {
    const { permits } = semaphore();
    permits.tryAcquire();
    permits.release();
    expect(() => {
      permits.release();
    }).toThrow('released more often than acquired');
  });

  it.each([
    { permits: 0 },
    { permits: Number.NaN },
    { maxWaiting: -1 },
    { maxWaiting: Number.NaN },
    { ageingMs: 0 },
  ])('refuses %p by name', (options) => {
    expect(() => semaphore(options)).toThrow(new RegExp(`${Object.keys(options)[0] ?? ''} is`));
    expect(() => semaphore(options)).toThrow(RangeError);
  });

  it.each([Number.NaN, Infinity, -1])(
    'refuses to wait %p ms, also while nobody has to wait',
    async (maxWaitMs) => {
      await expect(semaphore().permits.acquire({ maxWaitMs })).rejects.toThrow(RangeError);
    },
  );

  it('captures no stack trace for a refusal: a hundred thousand may be due at once', async () => {
    const { permits, clock } = semaphore();
    permits.tryAcquire();
    const refused = permits.acquire({ maxWaitMs: 1 }).catch((error: unknown) => error as Error);
    clock.advance(1);
    expect((await refused)?.stack).toBeUndefined();
    expect(new Error('any other').stack).toContain('\n    at ');
  });
});
