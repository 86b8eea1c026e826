/**
 * Durations of very many operations in a fixed number of buckets: recording is an increment, whatever the load.
 */

/** Upper bounds in milliseconds; what is above the last counts as infinite. */
export const LATENCY_BUCKETS_MS = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 5_000,
] as const;

export class LatencyHistogram {
  /** Per bucket, not cumulated; the last one is what is above all bounds. */
  readonly counts: number[] = Array.from({ length: LATENCY_BUCKETS_MS.length + 1 }, () => 0);
  count = 0;
  sumMs = 0;
  lastMs: number | undefined;

  record(durationMs: number): void {
    this.count += 1;
    this.sumMs += durationMs;
    this.lastMs = durationMs;
    let bucket = 0;
    while (bucket < LATENCY_BUCKETS_MS.length && durationMs > (LATENCY_BUCKETS_MS[bucket] ?? 0)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
  }

  /**
   * Upper bound of the bucket in which the quantile lies, in milliseconds; Infinity above the last bound, undefined
   * without any record.
   *
   * @param quantile 0 to 1
   */
  quantileMs(quantile: number): number | undefined {
    if (this.count === 0) return undefined;
    const rank = Math.max(1, Math.ceil(quantile * this.count));
    let seen = 0;
    for (const [bucket, count] of this.counts.entries()) {
      seen += count;
      if (seen >= rank) return LATENCY_BUCKETS_MS[bucket] ?? Infinity;
    }
    return Infinity;
  }
}
