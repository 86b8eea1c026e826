/**
 * The circuit: what opens it, what must not, and whom it tells.
 */
import { describe, expect, it } from '@jest/globals';

import { circuit, fail, halfOpenCircuit, HOUR_MS, openCircuit, succeed } from '../../test/circuits.js';

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
