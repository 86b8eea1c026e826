import { describe, expect, it } from '@jest/globals';
import { LocalAllowances } from './local-allowances.js';

const NONE = { perSecond: 0, burst: 0, quota: 0, windowMs: 0 };
const REQUEST = { requests: 1, runs: 0 };

function allowances() {
  const clock = { now: 5_000 };
  return { clock, local: new LocalAllowances(() => clock.now) };
}

describe('the allowance of a caller', () => {
  it('is its burst, then what comes back per second, and no more than the burst', () => {
    const { clock, local } = allowances();
    const take = () => local.take('a', { ...NONE, perSecond: 2, burst: 3 }, REQUEST);
    expect([take(), take(), take()].map(({ requestsLeft }) => requestsLeft)).toEqual([2, 1, 0]);
    expect(take()).toMatchObject({ refusedBy: 'rate', waitMs: 500 });
    clock.now += 499;
    expect(take().refusedBy).toBe('rate');
    clock.now += 1;
    expect(take().refusedBy).toBeNull();
    clock.now += 60_000;
    expect(take().requestsLeft).toBe(2);
  });

  it('is nobody else’s', () => {
    const { local } = allowances();
    const one = { ...NONE, perSecond: 1, burst: 1 };
    expect(local.take('a', one, REQUEST).refusedBy).toBeNull();
    expect(local.take('a', one, REQUEST).refusedBy).toBe('rate');
    expect(local.take('b', one, REQUEST).refusedBy).toBeNull();
  });

  it('has runs for a window, all or none, and begins anew with the next', () => {
    const { clock, local } = allowances();
    const take = (runs: number) =>
      local.take('a', { ...NONE, quota: 3, windowMs: 1_000 }, { requests: 1, runs });
    expect(take(2)).toMatchObject({ refusedBy: null, runsLeft: 1, windowLeftMs: 1_000 });
    clock.now += 400;
    expect(take(2)).toMatchObject({ refusedBy: 'quota', waitMs: 600, runsLeft: 1 });
    expect(take(1).refusedBy).toBeNull();
    clock.now += 600;
    expect(take(3).refusedBy).toBeNull();
    expect(take(4)).toMatchObject({ refusedBy: 'quota', waitMs: 1_000 });
  });

  it('limits nothing that has no limit', () => {
    const { local } = allowances();
    for (let i = 0; i < 1_000; i += 1) {
      expect(local.take('a', NONE, { requests: 1, runs: 100 }).refusedBy).toBeNull();
    }
  });

  it('is forgotten when ten thousand others came since', () => {
    const { local } = allowances();
    const one = { ...NONE, perSecond: 1, burst: 1 };
    const take = (caller: string) => local.take(caller, one, REQUEST).refusedBy;
    take('a');
    for (let i = 0; i < 9_999; i += 1) take(String(i));
    expect(take('a')).toBe('rate');
    for (let i = 0; i < 10_000; i += 1) take(String(i));
    expect(take('a')).toBeNull();
  });
});
