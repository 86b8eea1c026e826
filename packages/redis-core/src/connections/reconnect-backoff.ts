/**
 * When to try again: to connect after a connection was lost, and a transaction after a conflict. Exponential with full
 * jitter, so that those who failed together do not return together.
 */

const CONNECT_BASE_MS = 50;
/** Longest pause between two attempts: a server that is back is noticed within this time. */
const CONNECT_MAX_MS = 1_000;
/** A connection that lived this long was healthy: its loss is followed by an attempt at once. */
export const HEALTHY_AFTER_MS = 10_000;

/** About the time that a transaction takes. */
const TRANSACTION_BASE_MS = 5;
const TRANSACTION_MAX_MS = 250;

/** Pause in milliseconds before the given attempt to connect (1 is the first since the last healthy connection). */
export function reconnectDelayMs(attempt: number, random: () => number = Math.random): number {
  return fullJitter(CONNECT_BASE_MS, CONNECT_MAX_MS, attempt, random);
}

/** Pause in milliseconds after the given attempt of a transaction (from 1) met a conflict. */
export function transactionDelayMs(attempt: number, random: () => number = Math.random): number {
  return fullJitter(TRANSACTION_BASE_MS, TRANSACTION_MAX_MS, attempt, random);
}

function fullJitter(baseMs: number, maxMs: number, attempt: number, random: () => number): number {
  return Math.ceil(random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 16)));
}
