import { describe, expect, it } from '@jest/globals';
import { closedLoop, openLoop } from './loops.js';

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('a closed loop', () => {
  it('keeps as many operations under way as it is told, and counts those that ended in time for the rate', async () => {
    let active = 0;
    let most = 0;
    const { operations, rate } = await closedLoop(
      async () => {
        active += 1;
        most = Math.max(most, active);
        await pause(10);
        active -= 1;
      },
      4,
      0.2,
    );
    expect(most).toBe(4);
    expect(active).toBe(0);
    expect(rate).toBeLessThanOrEqual(operations / 0.2);
    expect(rate).toBeGreaterThan(0);
  });

  it('goes on after operations that fail, and says so', async () => {
    const { operations, rate, problems } = await closedLoop(
      async () => {
        await pause(5);
        throw new Error('refused');
      },
      1,
      0.05,
    );
    expect([operations, rate]).toEqual([0, 0]);
    expect(problems[0]).toBe('refused');
    expect(problems.length).toBeLessThanOrEqual(5);
  });
});

describe('an open loop', () => {
  it('begins an operation by the schedule although earlier ones have not ended', async () => {
    let active = 0;
    let most = 0;
    const { operations } = await openLoop(
      async () => {
        active += 1;
        most = Math.max(most, active);
        await pause(60);
        active -= 1;
      },
      100,
      0.1,
    );
    expect(operations).toBe(10);
    expect(most).toBeGreaterThan(1);
  });
});
