/**
 * Time.
 */
import { describe, expect, it } from '@jest/globals';

import { VirtualClock } from '../../test/virtual-clock.js';
import { SteadyTime, systemClock } from './clock.js';

describe('steady time', () => {
  it('goes on from where it was when the clock goes back', () => {
    const clock = new VirtualClock();
    const time = new SteadyTime(clock);
    clock.advance(1_000);
    expect(time.now()).toBe(1_000);
    clock.jump(-3_600_000);
    expect(time.now()).toBe(1_000);
    clock.advance(5);
    expect(time.now()).toBe(1_005);
    clock.jump(7);
    expect(time.now()).toBe(1_012);
  });
});

describe('the clock of the process', () => {
  it('does not fire a timer at once that is longer than Node can count', async () => {
    let fired = false;
    const timer = systemClock.setTimeout(() => {
      fired = true;
    }, 2 ** 40);
    await new Promise<void>((resolve) => {
      systemClock.setTimeout(resolve, 20);
    });
    systemClock.clearTimeout(timer);
    expect(fired).toBe(false);
  });
});
