/**
 * What a sweeper says of the runs it takes care of, each under the ids of its run.
 */
import { withLogIds } from '@longrun/telemetry';
import type { ExecutorLog } from '../execution/executor-options.js';
import type { Verdict } from '../liveness/liveness-observer.js';
import type { Dispatch } from '../run-store/dispatch.js';
import type { RescuedRun } from '../run-store/rescue-runs.js';

/** One line for the worker, and one for each of its runs. */
export function logRescue(log: ExecutorLog, verdict: Verdict, rescued: readonly RescuedRun[]): void {
  log.warn({ ...verdict, runs: rescued.length }, 'worker is dead; its runs were rescued');
  for (const { runId, threadId, attempt, outcome } of rescued) {
    withLogIds({ runId, threadId, attempt }, () =>
      log.warn({ outcome }, outcome === 'pending' ? 'run goes on elsewhere' : 'run ended with its worker'),
    );
  }
}

/** Nothing for an operator: while Redis is away it happens to every run. */
export function logDispatches(log: ExecutorLog, dispatches: readonly Dispatch[]): void {
  for (const { runId, dispatch } of dispatches) {
    withLogIds({ runId }, () => log.debug({ dispatch }, 'run was fetched by nobody; it is enqueued again'));
  }
}
