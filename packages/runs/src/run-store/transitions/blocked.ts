/**
 * The one rule that says whether a run of a thread has to wait for another: one is running, or an earlier one is waiting
 * that is due or has already begun. A delayed run (`after_seconds`) does not hold up later ones before its time.
 *
 * The same twice: for Postgres, and for rows in memory.
 */
import type { RunColumns } from './expression.js';

/** What the rule reads of a run. */
export interface RunInThread extends Pick<RunColumns, 'status' | 'attempt' | 'due_at'> {
  run_id: string;
  thread_id: string;
  thread_order: number;
}

/** @param run alias of the run that wants to go */
export function isBlocked(run: string): string {
  return `EXISTS (${blockers(run)})`;
}

/** The same, found out for each run by itself: Postgres makes no join of it, which could compare all runs with all others. */
export function isBlockedAlone(run: string): string {
  return `EXISTS (${blockers(run)} OFFSET 0)`;
}

function blockers(run: string): string {
  return `
    SELECT 1 FROM run AS other
    WHERE other.thread_id = ${run}.thread_id AND other.run_id <> ${run}.run_id
      AND (other.status = 'running'
        OR (other.status = 'pending' AND other.thread_order < ${run}.thread_order
          AND (other.attempt > 0 OR other.due_at <= now())))`;
}

/** Whether `other` holds `run` up at the time `now` of Postgres, milliseconds. */
export function isBlockedBy(run: RunInThread, other: RunInThread, now: number): boolean {
  if (other.thread_id !== run.thread_id || other.run_id === run.run_id) return false;
  if (other.status === 'running') return true;
  if (other.status !== 'pending' || other.thread_order >= run.thread_order) return false;
  return other.attempt > 0 || other.due_at <= now;
}
