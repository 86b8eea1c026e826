/**
 * Deleting an assistant: its active runs end first, each under the locks of its thread, so that no worker goes on for an
 * assistant that is gone and no reader waits for an end that never comes.
 */
import { inTransaction } from '@longrun/database';
import type pg from 'pg';
import { deleteRun, type DeletedRun } from './delete-run.js';
import {
  ACTIVE_RUNS_OF_ASSISTANT,
  DELETE_ASSISTANT,
  DELETE_ENDED_RUNS_OF_ASSISTANT,
  HIDE_ASSISTANT,
  LOCK_ASSISTANT,
} from './sql/runs-of-assistant.sql.js';

/** Runs per statement: their logs go with them, and a statement has to end in time. */
const BATCH = 100;

interface DeleteContext {
  readonly pool: pg.Pool;
  readonly temporaryThreadSeconds: number;
}

/** A run that was active and is gone. */
export interface DeletedActiveRun extends DeletedRun {
  runId: string;
  threadId: string;
}

/** How the deletion of an assistant went. */
export type AssistantDeletion = 'deleted' | 'busy' | 'missing';

/** Hides an assistant: without it new runs would keep coming. False when there is no such assistant. */
export async function hideAssistant(pool: pg.Pool, assistantId: string): Promise<boolean> {
  const { rowCount } = await pool.query(HIDE_ASSISTANT, [assistantId]);
  return rowCount !== 0;
}

/**
 * Ends and deletes the runs that an assistant has now.
 *
 * @param onDeleted called after the commit of each run that was active, to tell its readers and its worker
 */
export async function deleteRunsOfAssistant(
  context: DeleteContext,
  assistantId: string,
  onDeleted: (run: DeletedActiveRun) => void,
): Promise<void> {
  for (;;) {
    const { rows } = await context.pool.query<{ run_id: string; thread_id: string }>(
      ACTIVE_RUNS_OF_ASSISTANT,
      [assistantId, BATCH],
    );
    for (const { run_id: runId, thread_id: threadId } of rows) {
      const deleted = await deleteRun(context, runId, threadId);
      if (deleted) onDeleted({ runId, threadId, ...deleted });
    }
    if (rows.length < BATCH) break;
  }
  for (;;) {
    const { rowCount } = await context.pool.query(DELETE_ENDED_RUNS_OF_ASSISTANT, [assistantId, BATCH]);
    if ((rowCount ?? 0) < BATCH) return;
  }
}

/**
 * Deletes an assistant that has no runs, with its versions.
 *
 * @returns `busy` when it has runs again: they were created in the meantime
 */
export async function deleteAssistantWithoutRuns(
  pool: pg.Pool,
  assistantId: string,
): Promise<AssistantDeletion> {
  return inTransaction(pool, async (client) => {
    const { rowCount: found } = await client.query(LOCK_ASSISTANT, [assistantId]);
    if (found === 0) return 'missing';
    // A second statement: this one sees every run whose insertion the lock has waited for.
    const { rowCount } = await client.query(DELETE_ASSISTANT, [assistantId]);
    return rowCount === 0 ? 'busy' : 'deleted';
  });
}
