/**
 * The recovery queue against a model of itself that keeps its entries in one array and sorts it each time.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { turn, VirtualClock } from '../../test/virtual-clock.js';
import { RedisError } from '../redis-error.js';
import { RecoveryQueue } from './recovery-queue.js';
import type { DeferredPriority } from './recovery-queue.js';

const MAX_ENTRIES = 5;
const MAX_BYTES = 50;
const CONCURRENCY = 2;
const BASE_DELAY_MS = 20;
const MAX_DELAY_MS = 80;

type Failure = 'again' | 'away' | 'for good';
const ERRORS: Record<Failure, RedisError> = {
  again: new RedisError('unknown', 'CONNECTION_LOST', 'lost'),
  away: new RedisError('not-executed', 'NOT_CONNECTED', 'away'),
  'for good': new RedisError('definitive', 'WRONGTYPE', 'wrong type'),
};

interface ModelEntry {
  readonly id: number;
  readonly key: string;
  readonly priority: DeferredPriority;
  urgency: number;
  readonly bytes: number;
  readonly attempts: number;
  readonly expiresAt: number;
  status: 'queued' | 'running';
  /** Not before this moment. */
  dueAt: number;
  tries: number;
  failures: number;
}

class Model {
  /** Who was called, and what became of whom, in order. */
  readonly calls: number[] = [];
  readonly outcomes = new Map<number, string>();
  entries: ModelEntry[] = [];
  now = 0;
  private isStarted = false;
  private awaited = new Set<string>();

  get running(): ModelEntry[] {
    return this.entries.filter(({ status }) => status === 'running');
  }

  offer(
    id: number,
    offered: Pick<ModelEntry, 'key' | 'priority' | 'bytes' | 'attempts'> & { expiresAfterMs: number },
  ): void {
    const { key, priority, bytes, attempts, expiresAfterMs } = offered;
    const urgency = this.awaited.has(key) ? 0 : priority === 'high' ? 1 : 2;
    const victims: ModelEntry[] = [];
    const left = (): ModelEntry[] => this.entries.filter((entry) => !victims.includes(entry));
    const fits = (): boolean =>
      left().length < MAX_ENTRIES && left().reduce((sum, one) => sum + one.bytes, bytes) <= MAX_BYTES;
    while (!fits()) {
      const [next] = left()
        .filter((entry) => entry.status !== 'running' && entry.urgency >= urgency)
        .sort((a, b) => b.urgency - a.urgency || a.id - b.id);
      if (next === undefined) {
        this.outcomes.set(id, 'dropped overflow');
        return;
      }
      victims.push(next);
    }
    for (const victim of victims) this.settle(victim, 'dropped overflow');
    for (const entry of this.entries) {
      if (entry.key === key) entry.urgency = Math.min(entry.urgency, urgency);
    }
    const expiresAt = this.now + expiresAfterMs;
    const fresh = { status: 'queued' as const, dueAt: 0, tries: 0, failures: 0 };
    this.entries.push({ id, key, priority, urgency, bytes, attempts, expiresAt, ...fresh });
    this.pump();
  }

  start(): void {
    this.isStarted = true;
    this.pump();
  }

  stop(): void {
    this.isStarted = false;
  }

  idle(key: string): void {
    const ofKey = this.entries.filter((entry) => entry.key === key);
    if (ofKey.length === 0) return;
    if (!this.awaited.has(key)) {
      for (const entry of ofKey) {
        entry.urgency = 0;
        entry.dueAt = 0;
      }
    }
    this.awaited.add(key);
    this.pump();
  }

  finish(entry: ModelEntry, failure: Failure | undefined): void {
    entry.status = 'queued';
    if (failure === undefined) this.settle(entry, 'stored');
    else {
      entry.failures += 1;
      if (failure !== 'away') entry.tries += 1;
      if (entry.expiresAt <= this.now) this.settle(entry, 'expired');
      else if (failure === 'for good' || entry.tries >= entry.attempts) this.settle(entry, 'failed');
      else {
        entry.dueAt = this.now + Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (entry.failures - 1)) * 0.5;
      }
    }
    this.pump();
  }

  advance(ms: number): void {
    for (const end = this.now + ms; this.now < end;) {
      this.now += 1;
      for (const entry of [...this.entries]) {
        if (entry.status !== 'running' && entry.expiresAt <= this.now) this.settle(entry, 'expired');
      }
      this.pump();
    }
  }

  close(): void {
    for (const entry of [...this.entries]) this.settle(entry, 'dropped closed');
  }

  private pump(): void {
    while (this.isStarted && this.running.length < CONCURRENCY) {
      const [next] = this.entries
        .filter((entry) => entry.status === 'queued' && entry.dueAt <= this.now)
        .filter((entry) => this.entries.find(({ key }) => key === entry.key) === entry)
        .sort((a, b) => a.urgency - b.urgency || a.id - b.id);
      if (next === undefined) return;
      next.status = 'running';
      this.calls.push(next.id);
    }
  }

  private settle(entry: ModelEntry, outcome: string): void {
    this.outcomes.set(entry.id, outcome);
    this.entries = this.entries.filter((one) => one !== entry);
    if (!this.entries.some(({ key }) => key === entry.key)) this.awaited.delete(entry.key);
  }
}

const key = fc.constantFrom('a', 'b', 'c');
const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('offer' as const),
      key,
      priority: fc.constantFrom<DeferredPriority>('high', 'normal'),
      bytes: fc.constantFrom(0, 5, 15, 30, 60),
      attempts: fc.integer({ min: 1, max: 3 }),
      expiresAfterMs: fc.integer({ min: 1, max: 400 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('finish' as const),
      which: fc.nat(3),
      failure: fc.constantFrom<Failure | undefined>(undefined, 'again', 'away', 'for good'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 90 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('start' as const, 'start' as const, 'stop' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('idle' as const), key }) },
);

describe('a recovery queue and its model', () => {
  it('agree on what is done when, and on what becomes of every single offer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { minLength: 5, maxLength: 60, size: 'max' }),
        async (operations) => {
          const clock = new VirtualClock();
          const real = new RecoveryQueue({
            maxEntries: MAX_ENTRIES,
            maxBytes: MAX_BYTES,
            concurrency: CONCURRENCY,
            rampMs: 0,
            clock,
            random: () => 0.5,
          });
          const model = new Model();
          const calls: number[] = [];
          const outcomes = new Map<number, string>();
          const announced: string[] = [];
          const writes = new Map<number, (failure: Failure | undefined) => void>();
          let offers = 0;
          let idling = 0;
          real.on('dropped', (_key, _priority, reason) => announced.push(reason));
          for (const one of operations) {
            switch (one.do) {
              case 'offer': {
                const id = offers;
                offers += 1;
                model.offer(id, one);
                const outcome = real.offer({
                  ...one,
                  baseDelayMs: BASE_DELAY_MS,
                  maxDelayMs: MAX_DELAY_MS,
                  idempotent: true,
                  write: () => {
                    calls.push(id);
                    return new Promise<void>((resolve, reject) => {
                      writes.set(id, (failure) => {
                        writes.delete(id);
                        if (failure === undefined) resolve();
                        else reject(ERRORS[failure]);
                      });
                    });
                  },
                });
                void outcome.then((decided) => {
                  expect(outcomes.has(id)).toBe(false);
                  outcomes.set(
                    id,
                    [decided.state, ...('reason' in decided ? [decided.reason] : [])].join(' '),
                  );
                });
                break;
              }
              case 'finish': {
                const running = model.running[one.which];
                if (running === undefined) continue;
                model.finish(running, one.failure);
                writes.get(running.id)?.(one.failure);
                break;
              }
              case 'advance':
                model.advance(one.ms);
                clock.advance(one.ms);
                break;
              case 'idle':
                model.idle(one.key);
                idling += 1;
                void real.idle(one.key).then(() => {
                  idling -= 1;
                });
                break;
              case 'start':
                model.start();
                real.start();
                break;
              case 'stop':
                model.stop();
                real.stop();
                break;
            }
            await turn();
            expect(calls).toEqual(model.calls);
            expect(outcomes).toEqual(model.outcomes);
            expect(real.info).toMatchObject({
              entries: model.entries.length,
              bytes: model.entries.reduce((sum, { bytes }) => sum + bytes, 0),
              running: model.running.length,
              oldestMs: model.entries[0] === undefined ? 0 : expect.any(Number),
            });
            for (const name of ['a', 'b', 'c']) {
              expect(real.has(name)).toBe(model.entries.some((entry) => entry.key === name));
            }
            expect(clock.timerCount).toBeLessThanOrEqual(1);
          }
          model.close();
          await real.close();
          await turn();
          expect(outcomes).toEqual(model.outcomes);
          expect(outcomes.size).toBe(offers);
          const { stored, failed, expired, dropped } = real.info;
          expect(stored + failed + expired + dropped.high + dropped.normal).toBe(offers);
          expect(announced).toHaveLength(dropped.high + dropped.normal);
          expect([idling, clock.timerCount]).toEqual([0, 0]);
        },
      ),
      { numRuns: 200 },
    );
  });
});
