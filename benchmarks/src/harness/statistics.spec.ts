import { describe, expect, it } from '@jest/globals';
import { median, quantile, sum } from './statistics.js';

describe('quantiles', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it('are values that were measured, whatever their order was', () => {
    expect(quantile(hundred, 0.5)).toBe(51);
    expect(quantile(hundred, 0.99)).toBe(100);
    expect(quantile([7], 0.999)).toBe(7);
    expect(median([3, 1, 2])).toBe(2);
  });

  it('of nothing are not a number', () => {
    expect(median([])).toBeNaN();
    expect(sum([])).toBe(0);
  });
});
