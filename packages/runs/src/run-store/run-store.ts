/**
 * Every transition of a run's status, and nothing else changes one. Each is a compare-and-set: `transitions/run-transitions.ts` says
 * when it may happen and what it changes, `sql/` has one file per statement, `docs/run-lifecycle.md` the diagram.
 *
 * Hop 2 of a run's way. Before: `apps/api/src/runs/runs.controller.ts`. After: `../run-queue/run-queue.ts`, then
 * `apps/worker/src/run.processor.ts`.
 */
import { CRASH_LIMIT, LongrunError, TEMPORARY_THREAD_SECONDS } from '@longrun/contracts';
import type pg from 'pg';
import { cancelRun, type CancelResult, type CancelWish } from './cancel-run.js';
import { claimRun, type ClaimedRun } from './claim-run.js';
import {
  deleteAssistantWithoutRuns,
  deleteRunsOfAssistant,
  hideAssistant,
  type AssistantDeletion,
  type DeletedActiveRun,
} from './delete-assistant.js';
import { createInTransaction, createRuns } from './create-run.js';
import type { CreatedRun, CreateRunInput } from './create-run-input.js';
import { deleteRun, hideThread, type DeletedRun } from './delete-run.js';
import { finishRun, type Finish, type FinishedRun } from './finish-run.js';
import { rescueRun, rescueRunsOfDeadWorker, type RescuedRun } from './rescue-runs.js';
import { dispatchDue, type AskQueue, type Dispatch } from './dispatch.js';
import { FIND_RUN, type RunStatusRow } from './sql/find-run.sql.js';
import { QUEUE_DEPTH, type QueueDepthRow } from './sql/queue-depth.sql.js';
import { RELEASE_RUN, RETRY_RUN, type DispatchRow } from './sql/release-run.sql.js';
import { RESET_CRASHES } from './sql/reset-crashes.sql.js';
import { WAITING_RUNS } from './sql/waiting-runs.sql.js';

/** How often the runs of an assistant that came while it was being deleted are deleted too. */
const DELETE_ROUNDS = 20;

const CREATE_DEADLINE_MS = 9_000;

export interface RunStoreOptions {
  /** Crashes without progress after which a run ends as `error`. Default 3. */
  crashLimit?: number;
  /** How long a create goes on finding out what became of it, ms; its caller is answered within 10 s. Default 9,000. */
  createDeadlineMs?: number;
  /** How long a temporary thread is kept after its run, seconds. Default 120. */
  temporaryThreadSeconds?: number;
}

/** Runs of one priority that wait for a worker. */
export interface QueueDepth {
  priority: number;
  runs: number;
  /** Since the oldest of them was due. */
  oldestSeconds: number;
}

/** The record of runs in Postgres. */
export class RunStore {
  readonly crashLimit: number;
  readonly temporaryThreadSeconds: number;
  readonly createDeadlineMs: number;

  constructor(
    readonly pool: pg.Pool,
    options: RunStoreOptions = {},
  ) {
    this.crashLimit = options.crashLimit ?? CRASH_LIMIT;
    this.createDeadlineMs = options.createDeadlineMs ?? CREATE_DEADLINE_MS;
    this.temporaryThreadSeconds = options.temporaryThreadSeconds ?? TEMPORARY_THREAD_SECONDS;
  }

  /**
   * → pending. The thread rules and the run's order are decided under the thread's lock.
   *
   * @throws LongrunError THREAD_NOT_FOUND, THREAD_BUSY (reject), POSTGRES_UNAVAILABLE when the run is known not to exist
   */
  async create(input: CreateRunInput): Promise<CreatedRun> {
    const [created] = await this.createAll([input]);
    if (!created) throw new LongrunError('INTERNAL', `Run ${input.runId} was not created.`);
    return created;
  }

  /** The same for several runs in one transaction: all or none. They are numbered in the order of `inputs`. */
  createAll(inputs: readonly CreateRunInput[]): Promise<CreatedRun[]> {
    return createRuns(this, inputs);
  }

  /** As `create`, in a transaction of the caller; it is not repeated after a conflict, and not looked for after a lost COMMIT. */
  createWithin(client: pg.PoolClient, input: CreateRunInput): Promise<CreatedRun> {
    return createInTransaction(this, client, input);
  }

  /** pending → running, or null when the run may not run now, has another graph, or is somebody else's. */
  claim(runId: string, workerId: string, graphIds: readonly string[]): Promise<ClaimedRun | null> {
    return claimRun(this.pool, runId, workerId, graphIds, this.crashLimit);
  }

  /** → success / error / timeout / interrupted, or null when the run has ended already or is another attempt's. */
  finish(finish: Finish): Promise<FinishedRun | null> {
    return finishRun(this, finish);
  }

  /** Marks a running run as cancelled, or finishes a pending one. Null when there is no such run. */
  cancel(runId: string, threadId: string, wish: CancelWish): Promise<CancelResult | null> {
    return cancelRun(this, runId, threadId, wish);
  }

  /** Ends the run if it is active, and deletes it with its log. Null when there is no such run. */
  delete(runId: string, threadId: string): Promise<DeletedRun | null> {
    return deleteRun(this, runId, threadId);
  }

  /** From here on the assistant is gone for every reader, and gets no new runs. False when there is no such assistant. */
  hideAssistant(assistantId: string): Promise<boolean> {
    return hideAssistant(this.pool, assistantId);
  }

  /**
   * Ends the active runs of a hidden assistant, then deletes its runs, its versions and itself.
   *
   * @param onDeleted called for each run that was active, as soon as it is gone: its readers and its worker are to be told
   * @returns `busy` when runs of it that were being created kept coming; those that it had are deleted
   */
  async deleteAssistant(
    assistantId: string,
    onDeleted: (run: DeletedActiveRun) => void,
  ): Promise<AssistantDeletion> {
    for (let round = 0; round < DELETE_ROUNDS; round += 1) {
      await deleteRunsOfAssistant(this, assistantId, onDeleted);
      const outcome = await deleteAssistantWithoutRuns(this.pool, assistantId);
      if (outcome !== 'busy') return outcome;
    }
    return 'busy';
  }

  /** Ends a thread's active runs and hides it; the sweeper deletes it later. Null when there is no such thread. */
  hideThread(threadId: string): Promise<FinishedRun[] | null> {
    return hideThread(this, threadId);
  }

  /** running → pending, nothing charged. Null when the run is no longer this attempt's, or has a cancel mark. */
  async release(runId: string, attempt: number): Promise<Dispatch | null> {
    const { rows } = await this.pool.query<DispatchRow>(RELEASE_RUN, [runId, attempt]);
    return rows[0] ? { runId, ...rows[0] } : null;
  }

  /**
   * running → pending by the run's own retry policy, due after `delaySeconds`.
   *
   * @returns false when the run is no longer this attempt's, or has a cancel mark
   */
  async retry(runId: string, attempt: number, delaySeconds: number): Promise<boolean> {
    const { rowCount } = await this.pool.query(RETRY_RUN, [runId, attempt, delaySeconds]);
    return rowCount === 1;
  }

  /** Takes the runs of a dead worker from it. `chargeCrash` is false when its lock was not seen to be free. */
  rescue(worker: { workerId: string; beat: string | null; chargeCrash: boolean }): Promise<RescuedRun[]> {
    return rescueRunsOfDeadWorker(this, worker);
  }

  /** Takes a run whose own process has died from its attempt, and charges the crash. Null when the attempt does not hold it. */
  rescueCrashed(attempt: { runId: string; threadId: string; attempt: number }): Promise<RescuedRun | null> {
    return rescueRun(this, attempt, 'own process');
  }

  /**
   * New queue entries for runs that may run and that nobody fetched within `afterMs`.
   *
   * @param askQueue which of them merely wait there. Default: nothing is known of any
   */
  dispatchDue(
    afterMs: number,
    limit: number,
    askQueue: AskQueue = async () => new Set(),
  ): Promise<Dispatch[]> {
    return dispatchDue(this.pool, { afterMs, limit, askQueue });
  }

  /** Ids of runs that a worker with these graphs could claim now. */
  async findWaiting(graphIds: readonly string[], limit: number): Promise<string[]> {
    const { rows } = await this.pool.query<{ run_id: string }>(WAITING_RUNS, [graphIds, limit]);
    return rows.map((row) => row.run_id);
  }

  /** Runs that wait for a worker, by priority. */
  async queueDepth(): Promise<QueueDepth[]> {
    const { rows } = await this.pool.query<QueueDepthRow>(QUEUE_DEPTH);
    return rows.map(({ priority, runs, oldest_seconds }) => ({
      priority,
      runs,
      oldestSeconds: oldest_seconds,
    }));
  }

  /** Status of one run, or null. */
  async find(runId: string): Promise<RunStatusRow | null> {
    const { rows } = await this.pool.query<RunStatusRow>(FIND_RUN, [runId]);
    return rows[0] ?? null;
  }

  /** The attempt made progress: worker deaths before it no longer count. */
  async resetCrashes(runId: string, attempt: number): Promise<void> {
    await this.pool.query(RESET_CRASHES, [runId, attempt]);
  }

  /** Whether the attempt still holds the run, read without a lock. */
  async holds(runId: string, attempt: number): Promise<boolean> {
    const run = await this.find(runId);
    return run?.status === 'running' && run.attempt === attempt;
  }
}
