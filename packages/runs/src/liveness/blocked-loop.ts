/**
 * What the heartbeat thread does for the runs of a main loop that no longer turns: the overdue ones end as `timeout`, the
 * others are given back, nothing charged.
 */
import { createPool } from '@longrun/database';
import { RunStore } from '../run-store/run-store.js';
import type { HeartbeatThreadData, WatchedRun } from './heartbeat-messages.js';

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
    runs.map(({ runId, threadId, attempt, deadlineAt }) =>
      deadlineAt <= now
        ? store.finish({ runId, threadId, attempt, end })
        : store.release(runId, attempt).then(() => null),
    ),
  );
  await pool.end().catch(() => undefined);
}
