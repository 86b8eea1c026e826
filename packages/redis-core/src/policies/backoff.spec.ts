/**
 * Pauses between tries.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { fullJitterDelayMs } from './backoff.js';

describe('full jitter', () => {
  it('stays between nothing and the doubled base, and never above the maximum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 0, max: 5_000 }),
        fc.integer({ min: 0, max: 60_000 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (attempt, baseDelayMs, maxDelayMs, random) => {
          const delay = fullJitterDelayMs(attempt, { baseDelayMs, maxDelayMs }, () => random);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(maxDelayMs);
          if (attempt <= 20) expect(delay).toBeLessThanOrEqual(baseDelayMs * 2 ** (attempt - 1));
        },
      ),
    );
  });

  it('stays a number, however many tries there have been', () => {
    expect(fullJitterDelayMs(100_000, { baseDelayMs: 0, maxDelayMs: 100 }, () => 1)).toBe(0);
    expect(fullJitterDelayMs(100_000, { baseDelayMs: 1, maxDelayMs: 100 }, () => 1)).toBe(100);
  });

  it('reaches both ends: it doubles from the base, and spreads over the whole range', () => {
    const bounds = { baseDelayMs: 20, maxDelayMs: 100 };
    const most = [1, 2, 3, 4, 5].map((attempt) => fullJitterDelayMs(attempt, bounds, () => 1));
    expect(most).toEqual([20, 40, 80, 100, 100]);
    expect(fullJitterDelayMs(3, bounds, () => 0)).toBe(0);
    expect(fullJitterDelayMs(3, bounds, () => 0.25)).toBe(20);
  });
});
