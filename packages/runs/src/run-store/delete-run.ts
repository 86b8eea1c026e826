/**
 * Deleting what a user no longer wants: an active run is ended first, so that its worker is fenced and its readers have an end.
 */
import { inTransaction } from '@longrun/database';
import type pg from 'pg';
import { finishLocked, type FinishedRun } from './finish-run.js';
import { DELETE_RUN } from './sql/delete-run.sql.js';
import { HIDE_THREAD } from './sql/hide-thread.sql.js';
import { LOCK_ACTIVE_RUNS, type ActiveRunRow } from './sql/lock-active-runs.sql.js';
import { LOCK_RUN, type LockedRunRow } from './sql/lock-run.sql.js';
import { LOCK_THREAD, type LockedThreadRow } from './sql/lock-thread.sql.js';

interface DeleteContext {
  readonly pool: pg.Pool;
  readonly temporaryThreadSeconds: number;
}

export interface DeletedRun {
  /** Set when the run was active and has been ended for this. */
  finished: FinishedRun | null;
  /** Set when it was running: the worker to tell, and the attempt it holds. */
  owner: { workerId: string | null; attempt: number } | null;
}

/** Deletes a run with its log; the thread keeps its state. Null when there is no such run. */
export async function deleteRun(
  context: DeleteContext,
  runId: string,
  threadId: string,
): Promise<DeletedRun | null> {
  return inTransaction(context.pool, async (client) => {
    await client.query(LOCK_THREAD, [threadId]);
    const { rows } = await client.query<LockedRunRow>(LOCK_RUN, [runId]);
    const run = rows[0];
    if (!run) return null;
    const isActive = run.status === 'pending' || run.status === 'running';
    const finish = { runId, threadId, end: { status: 'interrupted' as const } };
    const finished = isActive ? await finishLocked(client, context.temporaryThreadSeconds, finish) : null;
    await client.query(DELETE_RUN, [runId]);
    const owner = run.status === 'running' ? { workerId: run.worker_id, attempt: run.attempt } : null;
    return { finished, owner };
  });
}

/** Ends the active runs of a thread and hides it. Null when there is no such thread. */
export async function hideThread(context: DeleteContext, threadId: string): Promise<FinishedRun[] | null> {
  return inTransaction(context.pool, async (client) => {
    const { rows } = await client.query<LockedThreadRow>(LOCK_THREAD, [threadId]);
    if (!rows[0] || rows[0].hidden) return null;
    const { rows: active } = await client.query<ActiveRunRow>(LOCK_ACTIVE_RUNS, [threadId]);
    const ended: FinishedRun[] = [];
    for (const run of active) {
      const finish = { runId: run.run_id, threadId, end: { status: 'interrupted' as const } };
      ended.push(await finishLocked(client, context.temporaryThreadSeconds, finish));
    }
    await client.query(HIDE_THREAD, [threadId, context.temporaryThreadSeconds]);
    return ended;
  });
}
