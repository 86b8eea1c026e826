/**
 * Transition `create`: the thread rules (reject, enqueue, interrupt, rollback) and the run's place in its thread, in one
 * transaction. Nothing is half-written: either the run exists with all that belongs to it, or nothing changed.
 */
import { LongrunError, testPoint } from '@longrun/contracts';
import {
  inTransaction,
  isCommitOutcomeUnknown,
  isLockConflict,
  isPostgresUnavailable,
} from '@longrun/database';
import type pg from 'pg';
import { cancelledFinish, type CancelWish } from './cancel-run.js';
import { createAlone } from './create-alone.js';
import {
  AssistantChangedError,
  insertedRun,
  insertValues,
  type CreatedRun,
  type CreateRunInput,
} from './create-run-input.js';
import { finishLocked, type FinishedRun } from './finish-run.js';
import { FIND_RUN, type RunStatusRow } from './sql/find-run.sql.js';
import { INSERT_RUN, type InsertedRunRow } from './sql/insert-run.sql.js';
import { INSERT_THREAD } from './sql/insert-thread.sql.js';
import { LOCK_ACTIVE_RUNS, type ActiveRunRow } from './sql/lock-active-runs.sql.js';
import { LOCK_THREAD, type LockedThreadRow } from './sql/lock-thread.sql.js';
import { MARK_CANCEL } from './sql/mark-cancel.sql.js';

interface CreateContext {
  readonly pool: pg.Pool;
  readonly createDeadlineMs: number;
  readonly temporaryThreadSeconds: number;
}

/** Creates runs, all or none; see {@link CreateRunInput}. Throws as `RunStore.create` says. */
export async function createRuns(
  context: CreateContext,
  inputs: readonly CreateRunInput[],
): Promise<CreatedRun[]> {
  const deadline = performance.now() + context.createDeadlineMs;
  for (let tries = 0; ; tries += 1) {
    const created: CreatedRun[] = [];
    try {
      const [first, ...others] = inputs;
      const alone = first && others.length === 0 ? await createAlone(context.pool, first) : null;
      if (alone) return [alone];
      await inTransaction(context.pool, async (client) => {
        for (const input of inputs) created.push(await createInTransaction(context, client, input));
        await testPoint('create:before-commit');
      });
      return created;
    } catch (error) {
      if (isCommitOutcomeUnknown(error)) {
        // One transaction: all runs or none, also when some have been deleted again in the meantime.
        const row = await untilKnown(() => findCommitted(context.pool, inputs), deadline, error);
        if (row && inputs[0]) return created.length > 0 ? created : [insertedRun(inputs[0], row, row)];
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
    values: insertValues(input, resolved),
  });
  const row = rows[0];
  // The thread is locked and there: only the assistant can have been in the way.
  if (!row) throw new AssistantChangedError(`Assistant ${input.assistantId} has changed.`);
  return { ...insertedRun(input, resolved, row), ...active };
}

async function lockThread(client: pg.PoolClient, input: CreateRunInput): Promise<LockedThreadRow> {
  const metadata = JSON.stringify(input.newThreadMetadata ?? input.threadMetadata);
  if (input.temporaryThread) await client.query(INSERT_THREAD, [input.threadId, true, metadata]);
  let thread = await selectThread(client, input.threadId);
  if (!thread && input.ifThreadMissing === 'create') {
    await client.query(INSERT_THREAD, [input.threadId, false, metadata]);
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

const OUTCOME_RETRY_MS = 200;

/**
 * Asks again while Postgres is away.
 *
 * @param deadline on the monotonic clock, ms; also for a look that gets no answer
 * @throws `unknown` at the deadline
 */
async function untilKnown<T>(look: () => Promise<T>, deadline: number, unknown: unknown): Promise<T> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), Math.max(deadline - performance.now(), 0));
  const atDeadline = new Promise<never>((_resolve, reject) => {
    over.signal.addEventListener('abort', () => reject(unknown), { once: true });
  });
  const untilAnswered = async (): Promise<T> => {
    for (;;) {
      try {
        return await look();
      } catch (error) {
        if (!isPostgresUnavailable(error) || over.signal.aborted) throw error;
        await new Promise((resolve) => setTimeout(resolve, OUTCOME_RETRY_MS));
      }
    }
  };
  try {
    return await Promise.race([untilAnswered(), atDeadline]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * After a COMMIT without an answer: one run of it, which shows that it stands. The transaction may still be under way, holding the
 * rows of its threads (or the keys of threads that it inserts): waiting for one of them means waiting for its end.
 */
async function findCommitted(
  pool: pg.Pool,
  inputs: readonly CreateRunInput[],
): Promise<RunStatusRow | undefined> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(INSERT_THREAD, [inputs[0]?.threadId, true, '{}']);
    await client.query(LOCK_THREAD, [inputs[0]?.threadId]);
    let found: RunStatusRow | undefined;
    for (const { runId } of inputs) {
      const { rows } = await client.query<RunStatusRow>(FIND_RUN, [runId]);
      [found] = rows;
      if (found) break;
    }
    await client.query('ROLLBACK');
    client.release();
    return found;
  } catch (error) {
    client.release(true);
    throw error;
  }
}
