import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SSE_HEARTBEAT_MS } from '@longrun/contracts';
import { Heartbeats } from './heartbeats.js';

describe('Heartbeats', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  /** A member that notes when it beats. */
  const member = () => {
    const at: number[] = [];
    return { at, beat: () => void at.push(performance.now()) };
  };

  it('lets every member beat once a period, the first time within one', () => {
    const heartbeats = new Heartbeats();
    const members = Array.from({ length: 20 }, () => {
      const one = { ...member(), from: performance.now() };
      heartbeats.add(one);
      jest.advanceTimersByTime(SSE_HEARTBEAT_MS / 8);
      return one;
    });
    jest.advanceTimersByTime(SSE_HEARTBEAT_MS * 3);
    for (const { from, at } of members) {
      const pauses = at.map((time, i) => time - (at[i - 1] ?? from));
      expect(pauses.length).toBeGreaterThanOrEqual(3);
      expect(pauses[0]).toBeGreaterThan(SSE_HEARTBEAT_MS * 0.8);
      expect(pauses[0]).toBeLessThanOrEqual(SSE_HEARTBEAT_MS);
      expect(new Set(pauses.slice(1))).toEqual(new Set([SSE_HEARTBEAT_MS]));
    }
    expect(jest.getTimerCount()).toBe(1);
  });

  it('lets nobody beat who has left, and runs no timer for nobody', () => {
    const heartbeats = new Heartbeats();
    const [stays, leaves] = [member(), member()];
    heartbeats.add(stays);
    heartbeats.add(leaves);
    heartbeats.delete(leaves);
    heartbeats.delete(leaves);
    jest.advanceTimersByTime(SSE_HEARTBEAT_MS);
    expect([stays.at.length, leaves.at.length, jest.getTimerCount()]).toEqual([1, 0, 1]);
    heartbeats.delete(stays);
    expect(jest.getTimerCount()).toBe(0);
    heartbeats.add(leaves);
    jest.advanceTimersByTime(SSE_HEARTBEAT_MS);
    expect(leaves.at).toHaveLength(1);
  });
});
