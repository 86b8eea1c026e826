/**
 * When to try again: to connect after a connection was lost, and a transaction after a conflict.
 */
import { fullJitterDelayMs } from '../policies/backoff.js';

/** A server that is back is noticed within the longest pause. */
const CONNECT_PAUSES = { baseDelayMs: 50, maxDelayMs: 1_000 };
/** A connection that lived this long was healthy: its loss is followed by an attempt at once. */
export const HEALTHY_AFTER_MS = 10_000;
/** A transaction takes about as long as the shortest of these; whoever was faster is done then. */
const TRANSACTION_PAUSES = { baseDelayMs: 5, maxDelayMs: 250 };

/** Pause in milliseconds before the given attempt to connect (1 is the first since the last healthy connection). */
export function reconnectDelayMs(attempt: number): number {
  return Math.ceil(fullJitterDelayMs(attempt, CONNECT_PAUSES));
}

/** Pause in milliseconds after the given attempt of a transaction (from 1) has met a conflict. */
export function transactionDelayMs(attempt: number): number {
  return Math.ceil(fullJitterDelayMs(attempt, TRANSACTION_PAUSES));
}
