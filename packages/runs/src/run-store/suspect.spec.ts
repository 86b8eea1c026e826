import { describe, expect, it } from '@jest/globals';
import { isSuspect, limitOfWorkerDeaths } from './suspect.js';

describe('a suspect', () => {
  it('is a run with two crashes: the first is mostly the fault of something else', () => {
    expect([0, 1, 2, 3].map((crashes) => isSuspect(crashes, false, 3))).toEqual([false, false, true, true]);
  });

  it('is one with a single crash when it has killed a process of its own before', () => {
    expect([0, 1].map((crashes) => isSuspect(crashes, true, 3))).toEqual([false, true]);
  });

  it('is one before the limit condemns it, also a low limit', () => {
    expect(isSuspect(1, false, 2)).toBe(true);
    expect(isSuspect(1, false, 1)).toBe(true);
  });

  it('may lose its worker often, others only up to the limit', () => {
    expect([0, 1, 2, 5].map((crashes) => limitOfWorkerDeaths(crashes, 3))).toEqual([3, 3, 10, 10]);
    expect(limitOfWorkerDeaths(2, 20)).toBe(20);
  });
});
