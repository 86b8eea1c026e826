/**
 * The semaphore against a model of itself that keeps everything in one array and searches it.
 */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { turn, VirtualClock } from '../../test/virtual-clock.js';
import { RedisError } from '../redis-error.js';
import { Semaphore } from './semaphore.js';
import type { PermitPriority } from './semaphore.js';
import type { Waiter } from './waiter-list.js';

const AGEING_MS = 20;
const MAX_WAITING = 5;

interface ModelWaiter {
  readonly id: number;
  readonly priority: number;
  readonly since: number;
  readonly until: number;
}

class Model {
  readonly log: string[] = [];
  waiters: ModelWaiter[] = [];
  inUse = 0;
  now = 0;

  constructor(public permits: number) {}

  acquire(id: number, priority: number, maxWaitMs: number): void {
    if (this.inUse < this.permits && this.waiters.length === 0) this.grant(id);
    else if (this.waiters.length >= MAX_WAITING) this.log.push(`${String(id)} PERMIT_QUEUE_FULL`);
    else if (maxWaitMs === 0) this.log.push(`${String(id)} PERMIT_TIMEOUT`);
    else this.waiters.push({ id, priority, since: this.now, until: this.now + maxWaitMs });
  }

  tryAcquire(): boolean {
    if (this.inUse >= this.permits || this.waiters.length > 0) return false;
    this.inUse += 1;
    return true;
  }

  release(): void {
    this.inUse -= 1;
    this.wake();
  }

  resize(permits: number): void {
    this.permits = permits;
    this.wake();
  }

  abort(id: number): void {
    const waiter = this.waiters.find((one) => one.id === id);
    if (waiter === undefined) return;
    this.waiters = this.waiters.filter((one) => one !== waiter);
    // Who asked without a promise leaves without a word.
    if (waiter.until < Infinity) this.log.push(`${String(id)} ABORTED`);
  }

  advance(ms: number): void {
    for (const end = this.now + ms; this.now < end;) {
      this.now += 1;
      for (const { id } of this.waiters.filter(({ until }) => until <= this.now)) {
        this.log.push(`${String(id)} PERMIT_TIMEOUT`);
      }
      this.waiters = this.waiters.filter(({ until }) => until > this.now);
    }
  }

  private wake(): void {
    while (this.inUse < this.permits && this.waiters.length > 0) {
      const effective = ({ priority, since }: ModelWaiter): number =>
        priority - Math.floor((this.now - since) / AGEING_MS);
      const [next] = [...this.waiters].sort(
        (a, b) => effective(a) - effective(b) || a.since - b.since || a.id - b.id,
      );
      if (next === undefined) return;
      this.waiters = this.waiters.filter((waiter) => waiter !== next);
      this.grant(next.id);
    }
  }

  private grant(id: number): void {
    this.inUse += 1;
    this.log.push(`${String(id)} granted`);
  }
}

const priority = fc.constantFrom<PermitPriority>(0, 1, 2);
const operation = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('acquire' as const),
      priority,
      maxWaitMs: fc.constantFrom(0, 10, 20, 60),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('request' as const), priority }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('release' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat(30) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 30 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('tryAcquire' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('resize' as const), permits: fc.integer({ min: 1, max: 4 }) }),
  },
);

describe('a semaphore and its model', () => {
  it('agree on who gets a permit, in which order, and on who does not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(operation, { maxLength: 60, size: 'max' }),
        async (initial, operations) => {
          const clock = new VirtualClock();
          const real = new Semaphore({
            permits: initial,
            maxWaiting: MAX_WAITING,
            ageingMs: AGEING_MS,
            clock,
          });
          const model = new Model(initial);
          const log: string[] = [];
          const callers: AbortController[] = [];
          const takers = new Map<number, Waiter | undefined>();
          for (const one of operations) {
            switch (one.do) {
              case 'acquire': {
                const id = callers.length;
                const controller = new AbortController();
                callers.push(controller);
                model.acquire(id, one.priority, one.maxWaitMs);
                real.acquire({ ...one, signal: controller.signal }).then(
                  () => log.push(`${String(id)} granted`),
                  (error: unknown) =>
                    log.push(`${String(id)} ${error instanceof RedisError ? error.code : String(error)}`),
                );
                break;
              }
              case 'request': {
                const id = callers.length;
                callers.push(new AbortController());
                model.acquire(id, one.priority, Infinity);
                // In turn with the others, whose answers come by promises.
                const answer = (what: string): void => {
                  queueMicrotask(() => log.push(`${String(id)} ${what}`));
                };
                const waiter = real.request(
                  {
                    granted: () => {
                      answer('granted');
                    },
                    refused: ({ code }) => {
                      answer(code);
                    },
                  },
                  one.priority,
                );
                takers.set(id, waiter);
                break;
              }
              case 'release':
                if (model.inUse === 0) continue;
                model.release();
                real.release();
                break;
              case 'abort':
                model.abort(one.which);
                callers[one.which]?.abort();
                if (takers.get(one.which) !== undefined) real.leave(takers.get(one.which)!);
                break;
              case 'advance':
                model.advance(one.ms);
                clock.advance(one.ms);
                break;
              case 'tryAcquire':
                expect(real.tryAcquire()).toBe(model.tryAcquire());
                break;
              case 'resize':
                model.resize(one.permits);
                real.resize(one.permits);
                break;
            }
            await turn();
            expect(log).toEqual(model.log);
            expect([real.inUse, real.waiting, real.permits]).toEqual([
              model.inUse,
              model.waiters.length,
              model.permits,
            ]);
            // Nobody waits while a permit is free.
            if (real.waiting > 0) expect(real.inUse).toBeGreaterThanOrEqual(real.permits);
            const mayExpire = model.waiters.some(({ until }) => until < Infinity);
            expect(clock.timerCount).toBeGreaterThanOrEqual(mayExpire ? 1 : 0);
            expect(clock.timerCount).toBeLessThanOrEqual(real.waiting > 0 ? 1 : 0);
          }
          real.close();
          await turn();
          expect(clock.timerCount).toBe(0);
          for (const { signal } of callers) expect(getEventListeners(signal, 'abort')).toHaveLength(0);
        },
      ),
      { numRuns: 150 },
    );
  });
});
