/**
 * The way back: from an open circuit through a half-open one to a closed one.
 */
import { describe, expect, it } from '@jest/globals';

import { circuit, fail, halfOpenCircuit, HOUR_MS, openCircuit, succeed } from '../../test/circuits.js';
import { RedisError } from '../redis-error.js';
import { CircuitOpenError } from './circuit-breaker.js';

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
    expect(breaker.refusal('GET').stack).toBeUndefined();
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
