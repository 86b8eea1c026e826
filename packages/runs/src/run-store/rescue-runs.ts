/**
 * Transition `rescue`: the runs of a dead worker go on elsewhere. One transaction per run, so that one row that is held
 * up does not hold up the others. A worker rescues a run itself when only the run's own process has died.
 */
import { testPoint, type WireError } from '@longrun/contracts';
import { inTransaction } from '@longrun/database';
import type pg from 'pg';
import { finishLocked, type FinishedRun, type RunEnd } from './finish-run.js';
import type { Dispatch } from './dispatch.js';
import { LOCK_RUN, type LockedRunRow } from './sql/lock-run.sql.js';
import { LOCK_THREAD } from './sql/lock-thread.sql.js';
import { RESCUE_RUN } from './sql/rescue-run.sql.js';
import type { DispatchRow } from './sql/release-run.sql.js';
import { isAllowed } from './transitions/evaluate.js';
import { RUN_TRANSITIONS } from './transitions/run-transitions.js';
import { limitOfWorkerDeaths } from './suspect.js';
import { RUNS_OF_DEAD_WORKER, type RunOfWorkerRow } from './sql/runs-of-worker.sql.js';

/** What became of one run of a dead worker; `attempt` is the one that was ended. */
export type RescuedRun = { runId: string; threadId: string; attempt: number } & (
  { outcome: 'pending'; dispatch: Dispatch } | { outcome: 'finished'; finished: FinishedRun }
);

/** What is to be enqueued after a rescue: the run itself, or those that waited for its end. */
export function dispatchesOf(run: RescuedRun): readonly Dispatch[] {
  return run.outcome === 'pending' ? [run.dispatch] : run.finished.next;
}

interface RescueContext {
  readonly pool: pg.Pool;
  readonly crashLimit: number;
  readonly temporaryThreadSeconds: number;
}

/**
 * Takes all runs from a worker that is still as dead as it was observed.
 *
 * @returns what became of each; a run that another sweeper took is left out
 */
export async function rescueRunsOfDeadWorker(
  context: RescueContext,
  worker: { workerId: string; beat: string | null; chargeCrash: boolean },
): Promise<RescuedRun[]> {
  const { rows } = await context.pool.query<RunOfWorkerRow>(RUNS_OF_DEAD_WORKER, [
    worker.workerId,
    worker.beat,
  ]);
  const rescued: RescuedRun[] = [];
  for (const { run_id: runId, thread_id: threadId, attempt } of rows) {
    const died = worker.chargeCrash ? 'worker' : 'perhaps nobody';
    const outcome = await rescueRun(context, { runId, threadId, attempt }, died);
    if (outcome) rescued.push(outcome);
  }
  return rescued;
}

/** What died under a run: a process that it had to itself, its worker, or, as far as one can see, nothing. */
type Died = 'own process' | 'worker' | 'perhaps nobody';

/**
 * Takes a run from its attempt.
 *
 * @param died the crash is charged unless that is 'perhaps nobody'
 * @returns null when another transition was first
 */
export async function rescueRun(
  context: RescueContext,
  { runId, threadId, attempt }: { runId: string; threadId: string; attempt: number },
  died: Died,
): Promise<RescuedRun | null> {
  return inTransaction(context.pool, async (client) => {
    await client.query(LOCK_THREAD, [threadId]);
    const { rows } = await client.query<LockedRunRow>(LOCK_RUN, [runId]);
    const run = rows[0];
    if (!run || !isAllowed(RUN_TRANSITIONS.write, { row: run, arguments: { attempt } })) return null;
    const rescued = { runId, threadId, attempt };
    const charge = died === 'perhaps nobody' ? 0 : 1;
    const isAlone = died === 'own process';
    const crashLimit = isAlone ? context.crashLimit : limitOfWorkerDeaths(run.crashes, context.crashLimit);
    const given = { attempt, charge, crashLimit };
    if (!isAllowed(RUN_TRANSITIONS.rescue, { row: run, arguments: given })) {
      const end = endInsteadOfRescue(run, run.crashes + charge, crashLimit);
      const finish = { runId, threadId, end, rollback: run.cancel_action === 'rollback' };
      const finished = await finishLocked(client, context.temporaryThreadSeconds, finish);
      return { ...rescued, outcome: 'finished', finished };
    }
    const dispatched = await client.query<DispatchRow>(RESCUE_RUN, [
      runId,
      attempt,
      charge,
      crashLimit,
      isAlone,
    ]);
    const dispatch = dispatched.rows[0];
    await testPoint('rescue:before-commit');
    return dispatch ? { ...rescued, outcome: 'pending', dispatch: { runId, ...dispatch } } : null;
  });
}

function endInsteadOfRescue(run: LockedRunRow, crashes: number, crashLimit: number): RunEnd {
  if (run.cancel_requested_at !== null) return { status: 'interrupted' };
  const error: WireError = {
    error: 'CrashLimitError',
    message: `The process that executed this run died ${crashes} times, without a checkpoint in between (limit ${crashLimit}). Look for what ends the process in the graph: memory, process.exit, a native module.`,
  };
  return { status: 'error', error };
}
