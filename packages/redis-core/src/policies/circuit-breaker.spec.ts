/**
 * The circuit: what opens it, what closes it, and what must do neither.
 */
import { describe, expect, it } from '@jest/globals';

import { VirtualClock } from '../../test/virtual-clock.js';
import { RedisError } from '../redis-error.js';
import { CircuitBreaker, CircuitOpenError } from './circuit-breaker.js';
import type { CircuitBreakerOptions } from './circuit-breaker.js';

const HOUR_MS = 3_600_000;

/** A breaker whose jitter is always the same: pauses last 500, 1,000, 2,000 ms and so on. */
function circuit(options: CircuitBreakerOptions = {}) {
  const clock = new VirtualClock();
  return { clock, breaker: new CircuitBreaker({ clock, random: () => 1, ...options }) };
}

/** Lets calls be admitted and fail. */
function fail(breaker: CircuitBreaker, times: number): void {
  for (let i = 0; i < times; i += 1) breaker.fail(breaker.tryEnter());
}

function succeed(breaker: CircuitBreaker, times: number, durationMs = 0): void {
  for (let i = 0; i < times; i += 1) breaker.succeed(breaker.tryEnter(), durationMs);
}

function openCircuit(options: CircuitBreakerOptions = {}) {
  const made = circuit(options);
  fail(made.breaker, 20);
  expect(made.breaker.state.kind).toBe('open');
  return made;
}

function halfOpenCircuit(options: CircuitBreakerOptions = {}) {
  const made = openCircuit(options);
  made.clock.advance(500);
  expect(made.breaker.state).toMatchObject({ kind: 'half-open', probes: 0 });
  return made;
}

describe('a closed circuit', () => {
  it('opens when half of at least twenty calls have failed', () => {
    const { breaker } = circuit();
    succeed(breaker, 10);
    fail(breaker, 9);
    expect(breaker.state.kind).toBe('closed');
    fail(breaker, 1);
    expect(breaker.state).toMatchObject({
      kind: 'open',
      retryAt: 500,
      reason: '10 of 20 calls in 10000 ms failed',
      times: 1,
    });
    expect(breaker.tryEnter()).toBe(0);
  });

  it('is not opened by a few failures, even if there was nothing else', () => {
    const { breaker } = circuit();
    fail(breaker, 19);
    expect(breaker.isClosed).toBe(true);
  });

  it('is not opened by errors that say nothing about the server, such as WRONGTYPE or an abort', () => {
    const { breaker } = circuit();
    for (let i = 0; i < 1_000; i += 1) breaker.ignore(breaker.tryEnter());
    expect(breaker.isClosed).toBe(true);
    // Nor do they count as calls, for or against.
    fail(breaker, 19);
    expect(breaker.isClosed).toBe(true);
  });

  it('counts the loss of a connection as one failure, however many calls were in flight on it', () => {
    const { breaker } = circuit();
    const inFlight = Array.from({ length: 1_000 }, () => breaker.tryEnter());
    breaker.incident('ECONNRESET');
    for (const generation of inFlight) breaker.ignore(generation);
    succeed(breaker, 2);
    fail(breaker, 16);
    expect(breaker.isClosed).toBe(true);
    fail(breaker, 1);
    expect(breaker.state).toMatchObject({ kind: 'open', reason: '18 of 20 calls in 10000 ms failed' });
  });

  it('opens at once after five failed attempts to connect in a row, whatever the window says', () => {
    const { breaker } = circuit();
    succeed(breaker, 1_000);
    for (let i = 0; i < 4; i += 1) breaker.connectFailed('ECONNREFUSED');
    expect(breaker.isClosed).toBe(true);
    breaker.connectFailed('ECONNREFUSED');
    expect(breaker.state).toMatchObject({
      kind: 'open',
      reason: '5 attempts to connect failed in a row: ECONNREFUSED',
    });
  });

  it('starts the count of failed attempts again after a connection', () => {
    const { breaker } = circuit();
    for (let i = 0; i < 4; i += 1) breaker.connectFailed('ECONNREFUSED');
    breaker.connected();
    for (let i = 0; i < 4; i += 1) breaker.connectFailed('ECONNREFUSED');
    expect(breaker.isClosed).toBe(true);
  });

  it('opens when too many calls are slow, if it was told what slow is', () => {
    const { breaker } = circuit({ slowCallMs: 100 });
    succeed(breaker, 5, 99);
    succeed(breaker, 15, 100);
    expect(breaker.isClosed).toBe(true);
    succeed(breaker, 5, 100);
    expect(breaker.state).toMatchObject({ kind: 'open', reason: '20 of 25 calls in 10000 ms were slow' });
    const indifferent = circuit().breaker;
    succeed(indifferent, 100, HOUR_MS);
    expect(indifferent.isClosed).toBe(true);
  });

  it('forgets failures when they have left the window', () => {
    const { breaker, clock } = circuit();
    fail(breaker, 10);
    clock.advance(9_000);
    fail(breaker, 9);
    clock.advance(1_000);
    fail(breaker, 10);
    expect(breaker.isClosed).toBe(true);
    fail(breaker, 1);
    expect(breaker.isClosed).toBe(false);
  });

  it('has nothing left in its window after an idle hour: time moves it, not the number of calls', () => {
    const { breaker, clock } = circuit();
    fail(breaker, 19);
    clock.advance(HOUR_MS);
    fail(breaker, 19);
    expect(breaker.isClosed).toBe(true);
  });

  it('counts each failure out once, however often its place in the window is used', () => {
    const { breaker, clock } = circuit();
    for (let second = 0; second < 50; second += 1) {
      fail(breaker, 1);
      succeed(breaker, 2);
      clock.advance(1_000);
    }
    // Nine of twenty-seven are left.
    fail(breaker, 8);
    expect(breaker.isClosed).toBe(true);
    fail(breaker, 1);
    expect(breaker.state).toMatchObject({ kind: 'open', reason: '18 of 36 calls in 10000 ms failed' });
  });

  it('hears nothing of the results of calls from before it was last closed', () => {
    const { breaker } = circuit({ slowCallMs: 100 });
    const late = Array.from({ length: 60 }, () => breaker.tryEnter());
    fail(breaker, 20);
    breaker.connected();
    const probe = breaker.tryEnter();
    breaker.succeed(probe);
    for (const generation of late.slice(0, 30)) breaker.fail(generation);
    for (const generation of late.slice(30)) breaker.succeed(generation, 100);
    for (let i = 0; i < 20; i += 1) breaker.fail(probe);
    expect(breaker.isClosed).toBe(true);
  });

  it('hears nothing of the results of calls from before it was isolated', () => {
    const { breaker } = circuit();
    const late = Array.from({ length: 20 }, () => breaker.tryEnter());
    breaker.isolate('maintenance');
    breaker.reset();
    for (const generation of late) breaker.fail(generation);
    expect(breaker.isClosed).toBe(true);
  });

  it('is not harmed by a clock that jumps an hour back or forward', () => {
    for (const jump of [-HOUR_MS, HOUR_MS]) {
      const { breaker, clock } = circuit();
      fail(breaker, 19);
      clock.jump(jump);
      succeed(breaker, 20);
      expect(breaker.isClosed).toBe(true);
      clock.advance(10_000);
      fail(breaker, 19);
      expect(breaker.isClosed).toBe(true);
      fail(breaker, 1);
      expect(breaker.isClosed).toBe(false);
    }
  });
});

describe('an open circuit', () => {
  it('refuses every call, and says why and when to come again', () => {
    const { breaker, clock } = openCircuit();
    clock.advance(200);
    expect(breaker.tryEnter()).toBe(0);
    const refusal = breaker.refusal('GET');
    expect(refusal).toBeInstanceOf(CircuitOpenError);
    expect(refusal).toBeInstanceOf(RedisError);
    expect(refusal).toMatchObject({
      code: 'CIRCUIT_OPEN',
      outcome: 'not-executed',
      retryAfterMs: 300,
      reason: '20 of 20 calls in 10000 ms failed',
    });
    expect(refusal.message).toBe(
      'GET was not sent: the circuit is not closed (20 of 20 calls in 10000 ms failed); try again in 300 ms.',
    );
  });

  it('refuses without a stack trace, and leaves those of other errors alone', () => {
    const { breaker } = openCircuit();
    expect(breaker.refusal('GET').stack).not.toContain('\n    at ');
    expect(new Error('another').stack).toContain('\n    at ');
  });

  it('counts refusals, and tells listeners of each', () => {
    const { breaker } = openCircuit();
    const refused: string[] = [];
    breaker.refusal('GET');
    const off = breaker.on('refused', (command) => refused.push(command));
    breaker.refusal('SET');
    off();
    breaker.refusal('DEL');
    expect([breaker.stats.refused, refused]).toEqual([3, ['SET']]);
  });

  it('becomes half-open by itself when the pause is over, so that a prober learns of it', () => {
    const { breaker, clock } = openCircuit();
    const states: string[] = [];
    breaker.on('state', (to, from) => states.push(`${from.kind} -> ${to.kind}`));
    clock.advance(499);
    expect(states).toEqual([]);
    clock.advance(1);
    expect(states).toEqual(['open -> half-open']);
  });

  it('becomes half-open at the first call after the pause, also when the timer is late', () => {
    const { breaker, clock } = openCircuit();
    clock.jump(500);
    expect(breaker.tryEnter()).toBeGreaterThan(0);
    expect(breaker.state).toMatchObject({ kind: 'half-open', probes: 1 });
  });

  it('becomes half-open at once when a connection has come up', () => {
    const { breaker } = openCircuit();
    breaker.connected();
    expect(breaker.state.kind).toBe('half-open');
  });

  it('is not kept open by a clock that jumps an hour back', () => {
    const { breaker, clock } = openCircuit();
    clock.advance(100);
    clock.jump(-HOUR_MS);
    clock.advance(1_000);
    expect(breaker.state.kind).toBe('half-open');
  });

  it('waits for a random time between half of its pause and all of it', () => {
    for (const [random, retryAt] of [
      [0, 250],
      [0.5, 375],
      [1, 500],
    ] as const) {
      expect(openCircuit({ random: () => random }).breaker.state).toMatchObject({ retryAt });
    }
  });

  it('hears nothing of the results of calls that were admitted before it opened', () => {
    const { breaker } = circuit();
    const late = Array.from({ length: 100 }, () => breaker.tryEnter());
    fail(breaker, 20);
    const opened = breaker.state;
    for (const generation of late.slice(50)) breaker.succeed(generation);
    for (const generation of late.slice(0, 50)) breaker.fail(generation);
    expect(breaker.state).toBe(opened);
  });
});

describe('a half-open circuit', () => {
  it('admits exactly one of a hundred callers, and refuses the others at once', () => {
    const { breaker } = halfOpenCircuit();
    const admitted = Array.from({ length: 100 }, () => breaker.tryEnter()).filter((entered) => entered > 0);
    expect(admitted).toHaveLength(1);
    expect(breaker.state).toMatchObject({ kind: 'half-open', probes: 1 });
    expect(breaker.refusal('GET')).toMatchObject({ code: 'CIRCUIT_OPEN', reason: 'a probe is under way' });
  });

  it('closes when its probe succeeds, with an empty window and the first pause again', () => {
    const { breaker, clock } = halfOpenCircuit();
    succeed(breaker, 1);
    expect(breaker.state).toEqual({ kind: 'closed' });
    fail(breaker, 19);
    expect(breaker.isClosed).toBe(true);
    fail(breaker, 1);
    expect(breaker.state).toMatchObject({ kind: 'open', retryAt: clock.now() + 500, times: 1 });
  });

  it('opens again when its probe fails, for twice as long each time, up to ten seconds', () => {
    const { breaker, clock } = halfOpenCircuit();
    const pauses: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      fail(breaker, 1);
      const { state } = breaker;
      if (state.kind !== 'open') throw new Error('not open');
      pauses.push(state.retryAt - state.openedAt);
      clock.advance(10_000);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it('admits as many probes as it was told, and closes after as many successes', () => {
    const { breaker } = halfOpenCircuit({ probes: 2, successesToClose: 3 });
    const [first = 0, second = 0, third = 0] = [breaker.tryEnter(), breaker.tryEnter(), breaker.tryEnter()];
    expect([first > 0, second > 0, third]).toEqual([true, true, 0]);
    breaker.succeed(first);
    // Reported twice by mistake: it was one probe all the same.
    breaker.succeed(first);
    breaker.succeed(second);
    expect(breaker.state).toMatchObject({ kind: 'half-open', probes: 0 });
    succeed(breaker, 1);
    expect(breaker.isClosed).toBe(true);
  });

  it('needs all of its successes in a row', () => {
    const { breaker } = halfOpenCircuit({ successesToClose: 2 });
    succeed(breaker, 1);
    fail(breaker, 1);
    breaker.connected();
    succeed(breaker, 1);
    expect(breaker.state.kind).toBe('half-open');
    succeed(breaker, 1);
    expect(breaker.isClosed).toBe(true);
  });

  it('does not count the late results of calls from before it opened', () => {
    const { breaker, clock } = circuit();
    const [goodNews, badNews] = [breaker.tryEnter(), breaker.tryEnter()];
    fail(breaker, 20);
    clock.advance(500);
    breaker.succeed(goodNews);
    expect(breaker.state.kind).toBe('half-open');
    breaker.fail(badNews);
    expect(breaker.state.kind).toBe('half-open');
  });

  it('gives the place of a probe back that had no result worth counting', () => {
    const { breaker } = halfOpenCircuit();
    breaker.ignore(breaker.tryEnter());
    expect(breaker.state).toMatchObject({ kind: 'half-open', probes: 0 });
    expect(breaker.tryEnter()).toBeGreaterThan(0);
  });

  it('takes a probe that never returns for failed, and does not wait for it', () => {
    const { breaker, clock } = halfOpenCircuit();
    const lost = breaker.tryEnter();
    clock.advance(1_999);
    expect(breaker.state.kind).toBe('half-open');
    clock.advance(1);
    expect(breaker.state).toMatchObject({
      kind: 'open',
      reason: 'a probe had no result within 2000 ms',
      times: 2,
    });
    clock.advance(1_000);
    const next = breaker.tryEnter();
    expect(next).toBeGreaterThan(0);
    // It returns after all, and has nothing to say.
    breaker.fail(lost);
    expect(breaker.state).toMatchObject({ kind: 'half-open', probes: 1 });
    breaker.succeed(next);
    expect(breaker.isClosed).toBe(true);
  });

  it('opens again when the connection is lost, or the next one fails', () => {
    const lost = halfOpenCircuit().breaker;
    lost.incident('ECONNRESET');
    expect(lost.state).toMatchObject({ kind: 'open', reason: 'the connection was lost: ECONNRESET' });
    const failed = halfOpenCircuit().breaker;
    failed.connectFailed('ECONNREFUSED');
    expect(failed.state).toMatchObject({ kind: 'open', reason: 'ECONNREFUSED' });
  });

  it('leaves the one place to a prober that takes it when it hears of the state', () => {
    const { breaker, clock } = openCircuit();
    let probe = 0;
    breaker.on('state', (to) => {
      if (to.kind === 'half-open') probe = breaker.tryEnter();
    });
    clock.jump(500);
    expect(breaker.tryEnter()).toBe(0);
    expect(probe).toBeGreaterThan(0);
    breaker.succeed(probe);
    expect(breaker.isClosed).toBe(true);
  });
});

describe('an isolated circuit', () => {
  it('refuses everything until it is reset, whatever happens', () => {
    const { breaker, clock } = circuit();
    const before = breaker.tryEnter();
    breaker.isolate('maintenance');
    breaker.connected();
    breaker.succeed(before);
    breaker.incident('ECONNRESET');
    clock.advance(HOUR_MS);
    expect(breaker.state).toEqual({ kind: 'isolated', reason: 'maintenance' });
    expect(breaker.tryEnter()).toBe(0);
    expect(breaker.refusal('GET')).toMatchObject({ code: 'CIRCUIT_ISOLATED', reason: 'maintenance' });
    breaker.reset();
    expect(breaker.tryEnter()).toBeGreaterThan(0);
  });

  it('has forgotten after the reset what was before', () => {
    const { breaker } = openCircuit();
    for (let i = 0; i < 4; i += 1) breaker.connectFailed('ECONNREFUSED');
    breaker.reset();
    fail(breaker, 19);
    breaker.connectFailed('ECONNREFUSED');
    expect(breaker.isClosed).toBe(true);
    fail(breaker, 1);
    expect(breaker.state).toMatchObject({ kind: 'open', times: 1 });
  });
});

describe('a circuit', () => {
  it('tells all listeners of all changes in the same order, also of those that a listener causes', () => {
    const { breaker } = circuit();
    const heard: string[] = [];
    breaker.on('state', (to) => {
      if (to.kind === 'open') breaker.isolate('enough');
    });
    breaker.on('state', (to) => heard.push(to.kind));
    fail(breaker, 20);
    expect(heard).toEqual(['open', 'isolated']);
  });

  it('leaves no timer when it is closed for good', () => {
    const { breaker, clock } = openCircuit();
    expect(clock.timerCount).toBe(1);
    breaker.close();
    expect(clock.timerCount).toBe(0);
    breaker.connected();
    breaker.tryEnter();
    expect(clock.timerCount).toBe(0);
  });

  it('has no timer while it is closed, isolated, or half-open without a probe', () => {
    const { breaker, clock } = halfOpenCircuit();
    expect(clock.timerCount).toBe(0);
    const probe = breaker.tryEnter();
    expect(clock.timerCount).toBe(1);
    breaker.succeed(probe);
    expect(clock.timerCount).toBe(0);
    fail(breaker, 20);
    breaker.isolate('maintenance');
    expect(clock.timerCount).toBe(0);
  });

  it.each([
    { minimumCalls: 0 },
    { failureRate: 0 },
    { failureRate: 1.1 },
    { slowCallRate: Number.NaN },
    { windowMs: 0 },
    { buckets: 2.5 },
    { probes: 0 },
    { openMs: Number.NaN },
    { maxOpenMs: 499 },
  ])('refuses %p by name', (options) => {
    expect(() => circuit(options)).toThrow(RangeError);
    expect(() => circuit(options)).toThrow(new RegExp(`^${Object.keys(options)[0] ?? ''} is `));
  });
});
