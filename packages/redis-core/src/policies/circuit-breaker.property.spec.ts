/**
 * The circuit breaker against a model of itself that keeps every call and counts them anew each time.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { VirtualClock } from '../../test/virtual-clock.js';
import { CircuitBreaker } from './circuit-breaker.js';

const OPTIONS = {
  windowMs: 1_000,
  buckets: 10,
  minimumCalls: 4,
  failureRate: 0.5,
  slowCallMs: 50,
  slowCallRate: 0.8,
  consecutiveConnectFailures: 3,
  openMs: 400,
  maxOpenMs: 1_600,
  probes: 2,
  successesToClose: 2,
  probeTimeoutMs: 300,
};
const BUCKET_MS = OPTIONS.windowMs / OPTIONS.buckets;

type Result = 'success' | 'slow' | 'failure' | 'ignored';

interface Call {
  readonly admittedIn: object;
  readonly startedAt: number;
}

/** Written from the description of the states, with nothing but arrays. */
class Model {
  kind: 'closed' | 'open' | 'half-open' | 'isolated' = 'closed';
  now = 0;
  /** A new object for every state: what was admitted in another one does not count. */
  private period = {};
  private samples: { at: number; result: Result }[] = [];
  private probes: Call[] = [];
  private successes = 0;
  private failedConnects = 0;
  private opened = 0;
  private retryAt = 0;

  get probeCount(): number {
    return this.probes.length;
  }

  enter(): Call | undefined {
    const call = { admittedIn: this.period, startedAt: this.now };
    if (this.kind === 'closed') return call;
    if (this.kind !== 'half-open' || this.probes.length >= OPTIONS.probes) return undefined;
    this.probes.push(call);
    return call;
  }

  report(call: Call, result: Result): void {
    if (call.admittedIn !== this.period) return;
    if (this.kind === 'closed') {
      if (result !== 'ignored') this.sample(result);
      return;
    }
    if (!this.probes.includes(call)) return;
    this.probes = this.probes.filter((probe) => probe !== call);
    if (result === 'failure') this.open();
    else if (result !== 'ignored') {
      this.successes += 1;
      if (this.successes >= OPTIONS.successesToClose) this.reset();
    }
  }

  incident(): void {
    if (this.kind === 'closed') this.sample('failure');
    else if (this.kind === 'half-open') this.open();
  }

  connectFailed(): void {
    this.failedConnects += 1;
    const isTooMuch = this.failedConnects >= OPTIONS.consecutiveConnectFailures;
    if (this.kind === 'half-open' || (this.kind === 'closed' && isTooMuch)) this.open();
  }

  connected(): void {
    this.failedConnects = 0;
    if (this.kind === 'open') this.become('half-open');
  }

  isolate(): void {
    this.become('isolated');
  }

  reset(): void {
    this.failedConnects = 0;
    this.opened = 0;
    this.samples = [];
    if (this.kind !== 'closed') this.become('closed');
  }

  advance(ms: number): void {
    // Hours are not gone through millisecond by millisecond: nothing is left to happen after the first minute.
    const end = this.now + ms;
    for (const step = Math.min(end, this.now + 60_000); this.now < step;) {
      this.now += 1;
      if (this.kind === 'open' && this.now >= this.retryAt) this.become('half-open');
      if (this.probes.some(({ startedAt }) => startedAt + OPTIONS.probeTimeoutMs <= this.now)) this.open();
    }
    this.now = end;
  }

  private sample(result: Result): void {
    this.samples.push({ at: this.now, result });
    const oldest = Math.floor(this.now / BUCKET_MS) - OPTIONS.buckets + 1;
    const counted = this.samples.filter(({ at }) => Math.floor(at / BUCKET_MS) >= oldest);
    if (counted.length < OPTIONS.minimumCalls) return;
    const share = (of: Result): number => counted.filter((one) => one.result === of).length / counted.length;
    const isIll = share('failure') >= OPTIONS.failureRate || share('slow') >= OPTIONS.slowCallRate;
    // A success cannot be what makes a server ill.
    if (isIll && result !== 'success') this.open();
  }

  private open(): void {
    this.opened += 1;
    this.samples = [];
    this.retryAt = this.now + Math.min(OPTIONS.maxOpenMs, OPTIONS.openMs * 2 ** (this.opened - 1)) * 0.75;
    this.become('open');
  }

  private become(kind: Model['kind']): void {
    this.kind = kind;
    this.period = {};
    this.probes = [];
    this.successes = 0;
  }
}

const result = fc.constantFrom<Result>('success', 'slow', 'failure', 'failure', 'ignored');
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('enter' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('report' as const), which: fc.nat(50), result }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.oneof(fc.integer({ min: 1, max: 450 }), fc.constantFrom(1_000, 3_600_000)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('incident' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('connectFailed' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('connected' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('isolate' as const, 'reset' as const) }) },
);

function report(breaker: CircuitBreaker, generation: number, what: Result): void {
  if (what === 'failure') breaker.fail(generation);
  else if (what === 'ignored') breaker.ignore(generation);
  else breaker.succeed(generation, what === 'slow' ? OPTIONS.slowCallMs : 0);
}

describe('a circuit breaker and its model', () => {
  it('agree on every state and every admission, through idle hours and late results', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 10, maxLength: 120, size: 'max' }), (operations) => {
        const clock = new VirtualClock();
        const real = new CircuitBreaker({ ...OPTIONS, clock, random: () => 0.5 });
        const model = new Model();
        const calls: { generation: number; call: Call }[] = [];
        for (const one of operations) {
          switch (one.do) {
            case 'enter': {
              const generation = real.tryEnter();
              const call = model.enter();
              expect(generation > 0).toBe(call !== undefined);
              if (call !== undefined) calls.push({ generation, call });
              break;
            }
            case 'report': {
              // The latest are the likely ones; an old one is a result that comes late, or for the second time.
              const which = calls[calls.length - 1 - one.which];
              // What a closed circuit is told twice, it counts twice: callers report once.
              if (which === undefined) continue;
              calls.splice(calls.indexOf(which), 1);
              report(real, which.generation, one.result);
              model.report(which.call, one.result);
              break;
            }
            case 'advance':
              clock.advance(one.ms);
              model.advance(one.ms);
              break;
            case 'incident':
              real.incident('lost');
              model.incident();
              break;
            case 'connectFailed':
              real.connectFailed('refused');
              model.connectFailed();
              break;
            case 'connected':
              real.connected();
              model.connected();
              break;
            case 'isolate':
              real.isolate('by hand');
              model.isolate();
              break;
            case 'reset':
              real.reset();
              model.reset();
              break;
          }
          const { state } = real;
          expect(state.kind).toBe(model.kind);
          if (state.kind === 'half-open') expect(state.probes).toBe(model.probeCount);
          expect(clock.timerCount).toBe(model.kind === 'open' || model.probeCount > 0 ? 1 : 0);
        }
        real.close();
        expect(clock.timerCount).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('heal within seconds once the server is well, wherever the clock has jumped to before', () => {
    const disturbed = fc.oneof(
      operation,
      fc.record({ do: fc.constant('jump' as const), ms: fc.integer({ min: -3_600_000, max: 3_600_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(disturbed, { maxLength: 60, size: 'max' }), (operations) => {
        const clock = new VirtualClock();
        const real = new CircuitBreaker({ ...OPTIONS, clock, random: () => 0.5 });
        const generations: number[] = [];
        for (const one of operations) {
          if (one.do === 'enter') generations.push(real.tryEnter());
          else if (one.do === 'report') report(real, generations.pop() ?? 0, one.result);
          else if (one.do === 'advance') clock.advance(Math.min(one.ms, 5_000));
          else if (one.do === 'jump') {
            const before = real.state;
            clock.jump(one.ms);
            expect(real.state).toBe(before);
          } else if (one.do === 'incident') real.incident('lost');
          else if (one.do === 'connectFailed') real.connectFailed('refused');
        }
        for (let passed = 0; !real.isClosed; passed += 100) {
          expect(passed).toBeLessThanOrEqual(
            OPTIONS.maxOpenMs + OPTIONS.probeTimeoutMs + OPTIONS.maxOpenMs + 200,
          );
          const probe = real.tryEnter();
          if (probe > 0) real.succeed(probe);
          clock.advance(100);
        }
        real.close();
      }),
      { numRuns: 300 },
    );
  });
});
