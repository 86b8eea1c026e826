/**
 * Transition `finish`: the one function that ends runs, for workers, api and sweeper.
 */
import {
  END_EVENT,
  ERROR_EVENT,
  isTerminalRunStatus,
  UNDO_RUN_CHECKPOINTS,
  type EndEventData,
  type InterruptInfo,
  type NumberedRunEvent,
  type RestingThreadStatus,
  type RunEvent,
  type TerminalRunStatus,
  type UnwrittenCheckpoints,
  type WireError,
  testPoint,
} from '@longrun/contracts';
import {
  inOneStatement,
  inTransaction,
  isCommitOutcomeUnknown,
  isLockConflict,
  isStatementError,
} from '@longrun/database';
import type pg from 'pg';
import { dispatchLimited, type Dispatch } from './dispatch.js';
import { DELETE_RUN } from './sql/delete-run.sql.js';
import { FIND_RUN, type RunStatusRow } from './sql/find-run.sql.js';
import {
  FINISH_RUN,
  FINISH_RUN_ALONE,
  FINISH_RUN_WITH_CHECKPOINTS,
  type FinishedRow,
} from './sql/finish-run.sql.js';
import { LOCK_RUN, type LockedRunRow } from './sql/lock-run.sql.js';
import { LOCK_THREAD } from './sql/lock-thread.sql.js';
import { isAllowed } from './transitions/evaluate.js';
import { endStatus, RUN_TRANSITIONS } from './transitions/run-transitions.js';
import { toStorableJson } from './storable-json.js';

/** How a run ended, and where that leaves its thread. */
export interface RunEnd {
  status: TerminalRunStatus;
  error?: WireError;
  /** The thread as its last checkpoint shows it. Without it the thread keeps its values. */
  thread?: {
    status: RestingThreadStatus;
    /** Undefined when the state could not be read: the thread keeps what it has. */
    values: unknown;
    interrupts: Record<string, InterruptInfo[]>;
  };
}

export interface Finish {
  runId: string;
  threadId: string;
  /** Only this attempt may finish; omitted, whoever holds the run loses it (api and sweeper). */
  attempt?: number;
  end: RunEnd;
  /** The log already holds the `error` event of this end. */
  errorEventWritten?: boolean;
  /** Nothing of the run remains: its checkpoints are undone, and the run and its log are deleted. */
  rollback?: boolean;
  /** Why a run that nobody had marked is cancelled. */
  cancelReason?: string;
  /** The attempt's last checkpoints, which are committed with the end, or before it. */
  unwritten?: UnwrittenCheckpoints | undefined;
}

export interface FinishedRun {
  runId: string;
  status: EndEventData['status'];
  /** What finish appended to the log, to be published. */
  events: NumberedRunEvent[];
  /** Runs that may go now, to be enqueued: the next of the thread, and of the keys whose limit held others back. */
  next: Dispatch[];
}

interface FinishContext {
  readonly pool: pg.Pool;
  readonly temporaryThreadSeconds: number;
}

/**
 * Ends a run.
 *
 * A COMMIT without an answer is looked up: the end stands, or the whole is tried again.
 *
 * @returns null when the run has ended already, is not this attempt's any more, or does not exist
 * @throws the driver's error when Postgres is away; the caller decides how long to go on trying. What the last checkpoints are refused with
 */
export async function finishRun(context: FinishContext, finish: Finish): Promise<FinishedRun | null> {
  for (let tries = 0; ; tries += 1) {
    try {
      const alone = await finishAlone(context, finish);
      if (alone) return alone;
      await finish.unwritten?.write();
      return await inTransaction(context.pool, async (client) => {
        await client.query(LOCK_THREAD, [finish.threadId]);
        const { rows } = await client.query<LockedRunRow>(LOCK_RUN, [finish.runId]);
        const run = rows[0];
        const given = { attempt: finish.attempt ?? null };
        if (!run || !isAllowed(RUN_TRANSITIONS.finish, { row: run, arguments: given })) return null;
        const rollback = run.cancel_action === 'rollback';
        const end = { ...finish.end, status: endStatus(run, finish.end.status) };
        const finished = await finishLocked(client, context.temporaryThreadSeconds, {
          ...finish,
          end,
          rollback,
        });
        await testPoint('finish:before-commit');
        return finished;
      });
    } catch (error) {
      if (isCommitOutcomeUnknown(error)) {
        const stands = await endThatStands(context.pool, finish);
        if (stands) {
          finish.unwritten?.written();
          return stands;
        }
      } else if (!isLockConflict(error) || tries >= 4) {
        throw error;
      }
    }
  }
}

/** Ends a run whose thread and row the caller has locked in `client`'s transaction. */
export async function finishLocked(
  client: pg.PoolClient,
  temporaryThreadSeconds: number,
  finish: Finish,
): Promise<FinishedRun> {
  const { runId, threadId, end, rollback = false } = finish;
  const { rows } = await client.query<FinishedRow>({
    name: 'finish-run',
    text: FINISH_RUN,
    values: finishValues(temporaryThreadSeconds, finish),
  });
  if (rollback) {
    await client.query(UNDO_RUN_CHECKPOINTS, [threadId, runId]);
    await client.query(DELETE_RUN, [runId]);
  }
  const row = rows[0];
  const status = rollback ? 'rollback' : end.status;
  const next = row?.next ? [row.next] : [];
  if (row && (row.keys.length > 0 || row.limited_next)) {
    next.push(...(await dispatchLimited(client, { keys: row.keys, threadId })));
  }
  return { runId, status, events: row?.events ?? [], next };
}

/** Ends a run of which nobody else wants anything, in one round trip; null when something has to be decided under the locks. */
async function finishAlone(context: FinishContext, finish: Finish): Promise<FinishedRun | null> {
  const { runId, attempt, end, unwritten } = finish;
  if (attempt === undefined) return null;
  // Only a mark makes a rollback of it, and a marked run is refused here.
  const values = [...finishValues(context.temporaryThreadSeconds, { ...finish, rollback: false }), attempt];
  await testPoint('finish:before-commit');
  const { rows } = await inOneStatement<FinishedRow>(
    context.pool,
    unwritten
      ? {
          name: 'finish-run-with-checkpoints',
          text: FINISH_RUN_WITH_CHECKPOINTS,
          values: [...values, unwritten.rows, unwritten.bytes],
        }
      : { name: 'finish-run-alone', text: FINISH_RUN_ALONE, values },
  ).catch((error: unknown) => {
    // Checkpoints that cannot be stored are refused by themselves, by their own error.
    if (unwritten && isStatementError(error) && !isLockConflict(error)) return { rows: [] };
    throw error;
  });
  if (!rows[0]) return null;
  unwritten?.written();
  return { runId, status: end.status, events: rows[0].events, next: [] };
}

/** $1 to $13 of the statements. */
function finishValues(temporaryThreadSeconds: number, finish: Finish): unknown[] {
  const { runId, threadId, end, rollback = false } = finish;
  const final = finalEvents(finish);
  // What a rolled back run left of the state is not the state: the thread keeps what it had before.
  const state = rollback || end.thread?.values === undefined ? null : end.thread;
  return [
    runId,
    threadId,
    end.status,
    end.error && !rollback ? toStorableJson(end.error) : null,
    final.map((event) => event.event),
    final.map((event) => event.data),
    rollback ? null : (end.thread?.status ?? restingStatus(end.status)),
    state !== null,
    state ? toStorableJson(state.values) : null,
    state ? toStorableJson(state.interrupts) : null,
    temporaryThreadSeconds,
    finish.cancelReason ?? null,
    rollback ? 'rollback' : end.status,
  ];
}

/** A thread whose state was not read is as it was before, except after a failure. */
function restingStatus(status: TerminalRunStatus): RestingThreadStatus | null {
  return status === 'error' || status === 'timeout' ? 'error' : null;
}

function finalEvents({ runId, end, errorEventWritten, rollback }: Finish): RunEvent[] {
  const events: RunEvent[] = [];
  if (end.error && !errorEventWritten && !rollback) {
    events.push({ event: ERROR_EVENT, data: JSON.stringify(end.error) });
  }
  const isPaused = !rollback && end.status === 'success' && end.thread?.status === 'interrupted';
  const data: EndEventData = {
    run_id: runId,
    status: rollback ? 'rollback' : end.status,
    ...(isPaused ? { thread_status: 'interrupted' } : {}),
  };
  events.push({ event: END_EVENT, data: JSON.stringify(data) });
  return events;
}

/**
 * After a COMMIT without an answer: waits for the transaction that may still be under way (it holds the run's row), then
 * reads. Null means that it did not happen.
 */
async function endThatStands(pool: pg.Pool, finish: Finish): Promise<FinishedRun | null> {
  const run = await inTransaction(pool, async (client) => {
    await client.query(LOCK_RUN, [finish.runId]);
    const { rows } = await client.query<RunStatusRow>(FIND_RUN, [finish.runId]);
    return rows[0];
  });
  if (!run || !isTerminalRunStatus(run.status)) return null;
  // What finish would have handed out for publishing is in Postgres: readers find it there, and reconcile finds the
  // next run of the thread.
  return { runId: finish.runId, status: run.status, events: [], next: [] };
}
