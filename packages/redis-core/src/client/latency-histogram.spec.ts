/**
 * Buckets of durations.
 */
import { describe, expect, it } from '@jest/globals';

import { LATENCY_BUCKETS_MS, LatencyHistogram } from './latency-histogram.js';

describe('the latency histogram', () => {
  it('answers nothing before anything was recorded', () => {
    expect(new LatencyHistogram().quantileMs(0.5)).toBeUndefined();
  });

  it('puts a duration into the first bucket that holds it, bounds included', () => {
    const histogram = new LatencyHistogram();
    for (const ms of [0.1, 0.11, 1, 9_999]) histogram.record(ms);
    expect(histogram.counts[0]).toBe(1);
    expect(histogram.counts[1]).toBe(1);
    expect(histogram.counts[LATENCY_BUCKETS_MS.indexOf(1)]).toBe(1);
    expect(histogram.counts.at(-1)).toBe(1);
    expect(histogram).toMatchObject({ count: 4, lastMs: 9_999 });
  });

  it('names the bucket in which a quantile lies', () => {
    const histogram = new LatencyHistogram();
    for (let i = 0; i < 98; i += 1) histogram.record(0.2);
    histogram.record(40);
    histogram.record(60_000);
    expect(histogram.quantileMs(0.5)).toBe(0.25);
    expect(histogram.quantileMs(0.99)).toBe(50);
    expect(histogram.quantileMs(1)).toBe(Infinity);
  });
});
