/**
 * When to connect again after a connection was lost.
 */

const BASE_DELAY_MS = 50;
/** Longest pause between two attempts: a server that is back is noticed within this time. */
const MAX_RECONNECT_DELAY_MS = 1_000;
/** A connection that lived this long was healthy: its loss is followed by an attempt at once. */
export const HEALTHY_AFTER_MS = 10_000;

/**
 * Pause in milliseconds before the given attempt (1 is the first since the last healthy connection): exponential
 * with full jitter, so that processes that lost the same server do not return together.
 */
export function reconnectDelayMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(MAX_RECONNECT_DELAY_MS, BASE_DELAY_MS * 2 ** Math.min(attempt - 1, 16));
  return Math.ceil(random() * ceiling);
}
