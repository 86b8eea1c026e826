/**
 * Transition `cancel`: a user's wish, durable before it is answered.
 */
import type { CancelAction, RunStatus } from '@longrun/contracts';
import { inTransaction } from '@longrun/database';
import type pg from 'pg';
import { finishLocked, type Finish, type FinishedRun } from './finish-run.js';
import { LOCK_RUN, type LockedRunRow } from './sql/lock-run.sql.js';
import { LOCK_THREAD } from './sql/lock-thread.sql.js';
import { MARK_CANCEL } from './sql/mark-cancel.sql.js';

export interface CancelResult {
  /** The status when the wish arrived. */
  status: RunStatus;
  /** Set when the run was pending and has been ended. */
  finished: FinishedRun | null;
  /** Set when the run is running: the worker to tell, and the attempt it holds. */
  owner: { workerId: string | null; attempt: number } | null;
}

/** What a user wants of a run that may be active. */
export interface CancelWish {
  readonly action: CancelAction;
  /** Shown to users as `cancel_reason`. */
  readonly reason: string;
}

interface CancelContext {
  readonly pool: pg.Pool;
  readonly temporaryThreadSeconds: number;
}

/** Cancels a run; a run that has ended stays as it is. Null when there is no such run. */
export async function cancelRun(
  context: CancelContext,
  runId: string,
  threadId: string,
  wish: CancelWish,
): Promise<CancelResult | null> {
  return inTransaction(context.pool, async (client) => {
    await client.query(LOCK_THREAD, [threadId]);
    const { rows } = await client.query<LockedRunRow>(LOCK_RUN, [runId]);
    const run = rows[0];
    if (!run) return null;
    if (run.status === 'pending') {
      const finish = cancelledFinish(runId, threadId, wish);
      const finished = await finishLocked(client, context.temporaryThreadSeconds, finish);
      return { status: run.status, finished, owner: null };
    }
    if (run.status === 'running') {
      await client.query(MARK_CANCEL, [[runId], wish.action, wish.reason]);
      const owner = { workerId: run.worker_id, attempt: run.attempt };
      return { status: run.status, finished: null, owner };
    }
    return { status: run.status, finished: null, owner: null };
  });
}

/** The end of a run that is cancelled before it has begun. */
export function cancelledFinish(runId: string, threadId: string, { action, reason }: CancelWish): Finish {
  return {
    runId,
    threadId,
    end: { status: 'interrupted' },
    rollback: action === 'rollback',
    cancelReason: reason,
  };
}
