import { describe, expect, it } from '@jest/globals';
import { BOUNDS, brokenBounds } from './bounds.js';

describe('the bounds of the guard', () => {
  it('hold at what they say', () => {
    expect(brokenBounds(BOUNDS)).toEqual([]);
  });

  it('are broken by more, and by a figure that is missing', () => {
    const bound = BOUNDS['SQL statements per run'];
    expect(brokenBounds({ ...BOUNDS, 'SQL statements per run': bound + 1 })).toEqual([
      `SQL statements per run: ${(bound + 1).toFixed(2)}, above ${String(bound)}`,
    ]);
    expect(brokenBounds({ ...BOUNDS, 'commits per run': NaN })).toHaveLength(1);
  });
});
