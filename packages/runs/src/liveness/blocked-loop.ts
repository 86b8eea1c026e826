/**
 * What the heartbeat thread does for the runs of a main loop that no longer turns: the overdue ones end as `timeout`, the
 * others are given back, nothing charged.
 */
import { createPool } from '@longrun/database';
import { RunStore } from '../run-store/run-store.js';
import type { HeartbeatThreadData, HeldRun } from './heartbeat-messages.js';

/** A run that the worker executes. */
export interface WatchedRun {
  readonly runId: string;
  readonly attempt: number;
  /** Milliseconds of the shared monotonic clock. */
  readonly deadlineAt: number;
}

/**
 * The runs that are held now, each with the deadline that it got when it was first seen. Postgres says which they are, with every renewal, so
 * that nobody has to tell the thread of every run.
 *
 * @param deadlineAt of runs that were not held at the renewal before
 */
export function watchedRuns(
  held: readonly HeldRun[],
  before: readonly WatchedRun[],
  deadlineAt: number,
): WatchedRun[] {
  const deadlines = new Map(before.map((run) => [keyOf(run), run.deadlineAt]));
  return held.map(({ runId, attempt }) => {
    return { runId, attempt, deadlineAt: deadlines.get(keyOf({ runId, attempt })) ?? deadlineAt };
  });
}

function keyOf({ runId, attempt }: Pick<WatchedRun, 'runId' | 'attempt'>): string {
  return `${runId}/${String(attempt)}`;
}

/** Ends or releases `runs`; a run for which that fails is rescued later by the sweeper. */
export async function endRunsOfBlockedLoop(
  data: HeartbeatThreadData,
  runs: readonly WatchedRun[],
  now: number,
): Promise<void> {
  const url = data.session.connectionString ?? '';
  const pool = createPool({ url, poolSize: 2, applicationName: 'longrun-blocked-loop' });
  const store = new RunStore(pool, { temporaryThreadSeconds: data.temporaryThreadSeconds });
  const message =
    'The run took longer than JOB_TIMEOUT_SECONDS and blocked the event loop of its worker, which was ended. Move long computations out of the graph, into a worker thread.';
  const end = { status: 'timeout' as const, error: { error: 'RunTimeoutError', message } };
  await Promise.allSettled(
    runs.map(async ({ runId, attempt, deadlineAt }) => {
      if (deadlineAt > now) return store.release(runId, attempt);
      const run = await store.find(runId);
      return run && store.finish({ runId, threadId: run.thread_id, attempt, end });
    }),
  );
  await pool.end().catch(() => undefined);
}
