/**
 * The history of a run, for people who ask what happened to it: every transition appends one entry to a column of the row that it
 * writes anyway.
 */

/** What an entry tells, besides its time. */
export interface RunHistoryEntry {
  at: string;
  what: 'claim' | 'release' | 'retry' | 'rescue' | 'cancel' | 'finish';
  [detail: string]: unknown;
}

/**
 * Assignment that appends an entry.
 *
 * @param run the row, or its alias
 * @param what SQL for the name of the transition
 * @param details SQL by key; null values are left out
 */
export function appendHistory(run: string, what: string, details: Record<string, string>): string {
  const pairs = Object.entries({ at: 'now()', what, ...details }).map(([key, sql]) => `'${key}', ${sql}`);
  return `history = ${run}.history || jsonb_strip_nulls(jsonb_build_object(${pairs.join(', ')}))`;
}
