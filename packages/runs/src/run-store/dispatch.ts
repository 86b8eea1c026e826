/**
 * Transition `dispatch`: which waiting runs go to the queue now.
 */
import type pg from 'pg';
import { DISPATCH_DUE_RUNS, type DispatchedRunRow } from './sql/dispatch-due-runs.sql.js';
import { DISPATCH_LIMITED_RUNS } from './sql/limits.sql.js';

/** A run that must be enqueued under a new number. */
export interface Dispatch {
  runId: string;
  dispatch: number;
  priority: number;
}

/** Looked at when a run with limits ends: enough for whatever it made room for. */
const CANDIDATES = 100;

/** Runs that may run and that nobody fetched within `afterMs`; limited ones as far as there is room for them. */
export async function dispatchDue(pool: pg.Pool, afterMs: number, limit: number): Promise<Dispatch[]> {
  const due = await pool.query<DispatchedRunRow>(DISPATCH_DUE_RUNS, [afterMs / 1_000, limit]);
  const limited = await pool.query<DispatchedRunRow>(DISPATCH_LIMITED_RUNS, [null, null, limit]);
  return [...due.rows, ...limited.rows].map(toDispatch);
}

/** Limited runs with one of these keys, or of this thread, as far as there is room for them. */
export async function dispatchLimited(
  client: pg.PoolClient,
  freed: { keys: readonly string[]; threadId: string },
): Promise<Dispatch[]> {
  const values = [freed.keys, freed.threadId, CANDIDATES];
  const { rows } = await client.query<DispatchedRunRow>(DISPATCH_LIMITED_RUNS, values);
  return rows.map(toDispatch);
}

function toDispatch(row: DispatchedRunRow): Dispatch {
  return { runId: row.run_id, dispatch: row.dispatch, priority: row.priority };
}
