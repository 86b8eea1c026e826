import { describe, expect, it } from '@jest/globals';
import { inTurns, turnsOf } from './in-turns.js';

describe('contenders', () => {
  it('are all visited once per round, another one first in each', async () => {
    const visits: string[] = [];
    await inTurns(['a', 'b', 'c'], 4, async (contender, round) => {
      visits.push(`${contender}${String(round)}`);
    });
    expect(visits.join(' ')).toBe('a0 b0 c0 b1 c1 a1 c2 a2 b2 a3 b3 c3');
  });

  it('may be none', () => {
    expect(turnsOf([], 3)).toEqual([]);
  });
});
