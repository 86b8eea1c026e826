/**
 * The budget of retries.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { VirtualClock } from '../../test/virtual-clock.js';
import { RetryBudget } from './retry-budget.js';

function granted(budget: RetryBudget, asked: number): number {
  let count = 0;
  for (let i = 0; i < asked; i += 1) if (budget.tryRetry()) count += 1;
  return count;
}

describe('a retry budget', () => {
  it('grants one retry per ten calls, so that retries are never the greater part of the load', () => {
    const budget = new RetryBudget({ minimum: 0, clock: new VirtualClock() });
    for (let i = 0; i < 1_005; i += 1) budget.recordCall();
    expect(granted(budget, 1_000)).toBe(100);
  });

  it('grants a few without any calls, and again as many ten seconds later', () => {
    const clock = new VirtualClock();
    const budget = new RetryBudget({ clock });
    expect(granted(budget, 100)).toBe(10);
    clock.advance(5_000);
    expect(granted(budget, 100)).toBe(5);
    clock.advance(3_600_000);
    expect(granted(budget, 100)).toBe(10);
  });

  it('does not save up what a long quiet time, or a long good one, would bring in', () => {
    const budget = new RetryBudget({ clock: new VirtualClock() });
    for (let i = 0; i < 1_000_000; i += 1) budget.recordCall();
    expect(budget.tokens).toBe(1_010);
  });

  it('is not harmed by a clock that jumps', () => {
    const clock = new VirtualClock();
    const budget = new RetryBudget({ clock });
    granted(budget, 10);
    clock.jump(-3_600_000);
    expect(budget.tokens).toBe(0);
    clock.advance(10_000);
    expect(granted(budget, 100)).toBe(10);
  });

  it('never grants more than a tenth of the calls and ten per ten seconds', () => {
    const step = fc.record({ calls: fc.nat(50), retries: fc.nat(20), ms: fc.nat(3_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50, size: 'max' }), (steps) => {
        const clock = new VirtualClock();
        const budget = new RetryBudget({ clock });
        let calls = 0;
        let retries = 0;
        for (const one of steps) {
          for (let i = 0; i < one.calls; i += 1) budget.recordCall();
          calls += one.calls;
          retries += granted(budget, one.retries);
          clock.advance(one.ms);
          expect(retries).toBeLessThanOrEqual(10 + calls / 10 + clock.now() / 1_000 + 1e-6);
        }
      }),
    );
  });

  it.each([{ ratio: -1 }, { ratio: Number.NaN }, { minimum: -1 }])('refuses %p by name', (options) => {
    expect(() => new RetryBudget(options)).toThrow(new RegExp(`^${Object.keys(options)[0] ?? ''} is `));
  });
});
