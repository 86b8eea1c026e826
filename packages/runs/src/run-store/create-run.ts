/**
 * Transition `create`: the thread rules (reject, enqueue, interrupt, rollback) and the run's place in its thread, in one
 * transaction. Nothing is half-written: either the run exists with all that belongs to it, or nothing changed.
 */
import {
  LongrunError,
  type JsonObject,
  type MultitaskStrategy,
  type RunConfig,
  type RunKwargs,
  testPoint,
} from '@longrun/contracts';
import {
  inTransaction,
  isCommitOutcomeUnknown,
  isLockConflict,
  isPostgresUnavailable,
} from '@longrun/database';
import type pg from 'pg';
import { cancelledFinish, type CancelWish } from './cancel-run.js';
import { finishLocked, type FinishedRun } from './finish-run.js';
import type { Dispatch } from './dispatch.js';
import { FIND_RUN } from './sql/find-run.sql.js';
import { INSERT_RUN, type InsertedRunRow } from './sql/insert-run.sql.js';
import { INSERT_THREAD } from './sql/insert-thread.sql.js';
import { LOCK_ACTIVE_RUNS, type ActiveRunRow } from './sql/lock-active-runs.sql.js';
import { LOCK_THREAD, type LockedThreadRow } from './sql/lock-thread.sql.js';
import { MARK_CANCEL } from './sql/mark-cancel.sql.js';

export interface CreateRunInput {
  runId: string;
  threadId: string;
  assistantId: string;
  graphId: string;
  multitaskStrategy: MultitaskStrategy;
  /** What to do about a thread that does not exist. A temporary one is always made. */
  ifThreadMissing: 'create' | 'reject';
  /** The thread is made for this run and goes with it. */
  temporaryThread: boolean;
  /** Seconds until the run is due. */
  afterSeconds: number;
  /** Smaller is sooner. */
  priority: number;
  /** Where to tell that the run has ended. */
  webhook?: string | null;
  metadata: JsonObject;
  /** Merged into the thread's metadata. */
  threadMetadata: JsonObject;
  /** The run's config over the thread's, and what is stored of the run: decided once the thread is known. */
  resolve: (thread: { config: RunConfig; metadata: JsonObject }) => {
    kwargs: RunKwargs;
    threadConfig: RunConfig;
    metadata: JsonObject;
    /** Most runs at a time by key that this run counts against. Default: none. */
    limits?: Record<string, number>;
  };
}

export interface CreatedRun {
  runId: string;
  threadId: string;
  createdAt: Date;
  updatedAt: Date;
  kwargs: RunKwargs;
  metadata: JsonObject;
  /** To be enqueued now; null when it has to wait for another run or for its time. */
  dispatch: Dispatch | null;
  /** Pending runs that `interrupt` or `rollback` ended. */
  ended: FinishedRun[];
  /** Running runs that it marked: their workers should be told. */
  marked: { runId: string; attempt: number; workerId: string | null }[];
}

interface CreateContext {
  readonly pool: pg.Pool;
  readonly temporaryThreadSeconds: number;
}

/** Creates runs, all or none; see {@link CreateRunInput}. Throws as `RunStore.create` says. */
export async function createRuns(
  context: CreateContext,
  inputs: readonly CreateRunInput[],
): Promise<CreatedRun[]> {
  for (let tries = 0; ; tries += 1) {
    const created: CreatedRun[] = [];
    try {
      await inTransaction(context.pool, async (client) => {
        for (const input of inputs) created.push(await createInTransaction(context, client, input));
        await testPoint('create:before-commit');
      });
      return created;
    } catch (error) {
      if (isCommitOutcomeUnknown(error)) {
        // One transaction: all runs or none, also when some have been deleted again in the meantime.
        if (await untilKnown(() => isCommitted(context.pool, inputs))) return created;
        throw new LongrunError(
          'POSTGRES_UNAVAILABLE',
          'Postgres lost the connection while the run was created; the run does not exist. Send the request again.',
          { cause: error },
        );
      }
      if (!isLockConflict(error) || tries >= 4) throw error;
    }
  }
}

/** Creates a run in a transaction of the caller, which holds no lock of a thread or a run yet. Throws as `RunStore.create` says. */
export async function createInTransaction(
  context: CreateContext,
  client: pg.PoolClient,
  input: CreateRunInput,
): Promise<CreatedRun> {
  const thread = await lockThread(client, input);
  const active = await applyThreadRules(context, client, input);
  const resolved = input.resolve({ config: thread.config, metadata: thread.metadata });
  const { rows } = await client.query<InsertedRunRow>({
    name: 'insert-run',
    text: INSERT_RUN,
    values: [
      input.runId,
      input.threadId,
      input.assistantId,
      input.graphId,
      input.multitaskStrategy,
      JSON.stringify(resolved.kwargs),
      JSON.stringify(resolved.metadata),
      input.priority,
      input.afterSeconds,
      JSON.stringify(input.threadMetadata),
      JSON.stringify(resolved.threadConfig),
      input.webhook ?? null,
      JSON.stringify(resolved.limits ?? {}),
    ],
  });
  const row = rows[0];
  if (!row) throw new LongrunError('INTERNAL', `Run ${input.runId} was not inserted.`);
  return {
    runId: input.runId,
    threadId: input.threadId,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    kwargs: resolved.kwargs,
    metadata: resolved.metadata,
    dispatch:
      row.dispatch > 0 ? { runId: input.runId, dispatch: row.dispatch, priority: input.priority } : null,
    ...active,
  };
}

async function lockThread(client: pg.PoolClient, input: CreateRunInput): Promise<LockedThreadRow> {
  if (input.temporaryThread) await client.query(INSERT_THREAD, [input.threadId, true]);
  let thread = await selectThread(client, input.threadId);
  if (!thread && input.ifThreadMissing === 'create') {
    await client.query(INSERT_THREAD, [input.threadId, false]);
    thread = await selectThread(client, input.threadId);
  }
  if (!thread || thread.hidden) {
    throw new LongrunError('THREAD_NOT_FOUND', `Thread with ID ${input.threadId} not found`, {
      details: { thread_id: input.threadId },
    });
  }
  return thread;
}

async function selectThread(client: pg.PoolClient, threadId: string): Promise<LockedThreadRow | undefined> {
  const { rows } = await client.query<LockedThreadRow>({
    name: 'lock-thread',
    text: LOCK_THREAD,
    values: [threadId],
  });
  return rows[0];
}

async function applyThreadRules(
  context: CreateContext,
  client: pg.PoolClient,
  input: CreateRunInput,
): Promise<Pick<CreatedRun, 'ended' | 'marked'>> {
  if (input.temporaryThread || input.multitaskStrategy === 'enqueue') return { ended: [], marked: [] };
  const { rows: active } = await client.query<ActiveRunRow>(LOCK_ACTIVE_RUNS, [input.threadId]);
  if (active.length === 0) return { ended: [], marked: [] };
  if (input.multitaskStrategy === 'reject') {
    throw new LongrunError(
      'THREAD_BUSY',
      'Thread is already running a task. Wait for it to finish or choose a different multitask strategy.',
      { details: { field: 'multitask_strategy', thread_id: input.threadId } },
    );
  }
  const wish: CancelWish = {
    action: input.multitaskStrategy,
    reason: `replaced by run ${input.runId} (multitask_strategy ${input.multitaskStrategy})`,
  };
  const ended: FinishedRun[] = [];
  for (const run of active) {
    if (run.status !== 'pending') continue;
    const finish = cancelledFinish(run.run_id, input.threadId, wish);
    ended.push(await finishLocked(client, context.temporaryThreadSeconds, finish));
  }
  const running = active.filter((run) => run.status === 'running');
  await client.query(MARK_CANCEL, [running.map((run) => run.run_id), wish.action, wish.reason]);
  const marked = running.map((run) => ({
    runId: run.run_id,
    attempt: run.attempt,
    workerId: run.worker_id,
  }));
  return { ended, marked };
}

/** How long the outcome of a COMMIT is looked for before the client gets 503 without knowing it. */
const OUTCOME_DEADLINE_MS = 6_000;
const OUTCOME_RETRY_MS = 200;

/** Asks again while Postgres is away, up to the deadline. */
async function untilKnown<T>(look: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + OUTCOME_DEADLINE_MS;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (!isPostgresUnavailable(error) || performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, OUTCOME_RETRY_MS));
    }
  }
}

/**
 * After a COMMIT without an answer: whether it stands, which one run of it shows. The transaction may still be under way, holding the
 * rows of its threads (or the keys of threads that it inserts): waiting for one of them means waiting for its end.
 */
async function isCommitted(pool: pg.Pool, inputs: readonly CreateRunInput[]): Promise<boolean> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(INSERT_THREAD, [inputs[0]?.threadId, true]);
    await client.query(LOCK_THREAD, [inputs[0]?.threadId]);
    let isFound = false;
    for (const { runId } of inputs) {
      const { rowCount } = await client.query(FIND_RUN, [runId]);
      isFound = rowCount === 1;
      if (isFound) break;
    }
    await client.query('ROLLBACK');
    client.release();
    return isFound;
  } catch (error) {
    client.release(true);
    throw error;
  }
}
