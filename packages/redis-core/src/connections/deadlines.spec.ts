/**
 * The common clock of many operations.
 */
import { describe, expect, it } from '@jest/globals';

import { Deadlines } from './deadlines.js';
import type { PendingOperation } from './deadlines.js';

function operation(onExpire: () => void = () => undefined): PendingOperation & { expired: number } {
  const self = {
    settled: false,
    expiresAt: 0,
    expired: 0,
    expire: () => {
      self.settled = true;
      self.expired += 1;
      onExpire();
    },
  };
  return self;
}

describe('deadlines', () => {
  it('expire what has not settled, in order and once, and leave alone what has', async () => {
    const deadlines = new Deadlines(20);
    const order: string[] = [];
    const first = operation(() => order.push('first'));
    const settled = operation();
    await new Promise<void>((resolve) => {
      const last = operation(() => {
        order.push('last');
        resolve();
      });
      for (const one of [first, settled, last]) deadlines.add(one);
      settled.settled = true;
    });
    expect(order).toEqual(['first', 'last']);
    expect([first.expired, settled.expired]).toEqual([1, 0]);
    expect(deadlines.size).toBe(0);
  });

  it('give every operation its whole time, also one that began while others were waiting', async () => {
    const deadlines = new Deadlines(40);
    deadlines.add(operation());
    await new Promise((resolve) => setTimeout(resolve, 25));
    const startedAt = performance.now();
    await new Promise<void>((resolve) => {
      deadlines.add(operation(resolve));
    });
    expect(performance.now() - startedAt).toBeGreaterThan(38);
  });

  it('do not keep what has settled', () => {
    const deadlines = new Deadlines(60_000);
    for (let i = 0; i < 10_000; i += 1) {
      const one = operation();
      deadlines.add(one);
      one.settled = true;
    }
    expect(deadlines.size).toBeLessThan(3);
    deadlines.close();
  });

  it('expire everything when they are closed', () => {
    const deadlines = new Deadlines(60_000);
    const one = operation();
    deadlines.add(one);
    deadlines.close();
    expect(one.expired).toBe(1);
    expect(deadlines.size).toBe(0);
  });
});
