/**
 * The delay line on the real clock: what matters is that nothing is early, nothing overtakes, and nothing is left.
 */
import { describe, expect, it } from '@jest/globals';

import { DelayLine } from './delay-line.js';

describe('a delay line', () => {
  it('delivers nothing early, and in the order of arrival also when the delay becomes shorter', async () => {
    const line = new DelayLine();
    const delivered: [index: number, afterMs: number][] = [];
    const start = performance.now();
    await new Promise<void>((resolve) => {
      for (const [index, delayMs] of [5, 0.5, 0, 7].entries()) {
        line.send(delayMs, () => {
          delivered.push([index, performance.now() - start]);
          if (index === 3) resolve();
        });
      }
      expect(line.isEmpty).toBe(false);
    });
    expect(delivered.map(([index]) => index)).toEqual([0, 1, 2, 3]);
    expect(delivered.map(([, afterMs]) => afterMs >= 5)).toEqual([true, true, true, true]);
    expect(delivered[3]?.[1]).toBeGreaterThanOrEqual(7);
    expect(line.isEmpty).toBe(true);
  });

  it('takes more while it delivers', async () => {
    const line = new DelayLine();
    const order = await new Promise<number[]>((resolve) => {
      const seen: number[] = [];
      const next = (index: number): void => {
        seen.push(index);
        if (index === 1_500) resolve(seen);
        else line.send(0, () => next(index + 1));
      };
      line.send(0, () => next(0));
    });
    expect(order).toEqual(Array.from({ length: 1_501 }, (_, index) => index));
    expect(line.isEmpty).toBe(true);
  });
});
