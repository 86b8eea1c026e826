/**
 * How long to pause between two tries.
 */

/** Bounds of the pauses, milliseconds. */
export interface BackoffOptions {
  /** Longest pause after the first try; it doubles with every further one. */
  readonly baseDelayMs: number;
  /** What it doubles up to. */
  readonly maxDelayMs: number;
}

/** Doublings after which every pause is at its maximum; keeps the power finite. */
const MAX_DOUBLINGS = 52;

/**
 * Pause in milliseconds after the given try (1 is the first): random between 0 and `min(max, base * 2^(try - 1))`. This is
 * the "full jitter" of AWS's "Exponential Backoff And Jitter" (2015), which found it to finish the same work with the
 * fewest calls: callers that failed together do not return together.
 */
export function fullJitterDelayMs(
  attempt: number,
  { baseDelayMs, maxDelayMs }: BackoffOptions,
  random: () => number = Math.random,
): number {
  const doublings = Math.min(Math.max(attempt, 1) - 1, MAX_DOUBLINGS);
  return random() * Math.min(maxDelayMs, baseDelayMs * 2 ** doublings);
}
