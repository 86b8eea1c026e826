/**
 * Transition `dispatch`: which waiting runs go to the queue now.
 */
import type pg from 'pg';
import {
  DISPATCH_DUE_RUNS,
  FIND_DUE_RUNS,
  type DispatchedRunRow,
  type DueRunRow,
} from './sql/dispatch-due-runs.sql.js';
import { DISPATCH_LIMITED_RUNS } from './sql/limits.sql.js';

/** A run that must be enqueued under a new number. */
export interface Dispatch {
  runId: string;
  dispatch: number;
  priority: number;
}

/** Looked at when a run with limits ends: enough for whatever it made room for. */
const CANDIDATES = 100;

/** Ids of those that still wait in the queue; see `RunQueue.waiting`. */
export type AskQueue = (
  entries: readonly Pick<Dispatch, 'runId' | 'dispatch'>[],
) => Promise<ReadonlySet<string>>;

/**
 * Runs that may run and that nobody fetched within `afterMs`, but those that wait in the queue and have not waited long; limited ones as far as
 * there is room for them.
 */
export async function dispatchDue(
  pool: pg.Pool,
  { afterMs, limit, askQueue }: { afterMs: number; limit: number; askQueue: AskQueue },
): Promise<Dispatch[]> {
  const found = await pool.query<DueRunRow>(FIND_DUE_RUNS, [afterMs / 1_000, limit]);
  const mayWait = found.rows.filter((row) => row.may_wait);
  const waiting = await askQueue(mayWait.map((row) => ({ runId: row.run_id, dispatch: row.dispatch })));
  const ids = found.rows.map((row) => row.run_id).filter((runId) => !waiting.has(runId));
  const due =
    ids.length === 0
      ? { rows: [] }
      : await pool.query<DispatchedRunRow>(DISPATCH_DUE_RUNS, [afterMs / 1_000, ids]);
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
