/**
 * Transition `create` in one statement: a run on a thread without active runs, or with a thread of its own. The rules for runs of one
 * thread have nothing to decide then, so neither a transaction nor a look at other runs is needed. `create-run.ts` has the rest.
 */
import { testPoint } from '@longrun/contracts';
import { inOneStatement } from '@longrun/database';
import type pg from 'pg';
import { insertedRun, insertValues, type CreatedRun, type CreateRunInput } from './create-run-input.js';
import { INSERT_RUN_ALONE, type AloneRow } from './sql/insert-run.sql.js';

type Resolved = ReturnType<CreateRunInput['resolve']>;

/**
 * Creates the run if nothing has to be decided.
 *
 * @returns null when it has; nothing was written
 * @throws CommitOutcomeUnknownError when the statement got no answer
 */
export async function createAlone(pool: pg.Pool, input: CreateRunInput): Promise<CreatedRun | null> {
  await testPoint('create:before-commit');
  const resolved = input.resolve({ config: {}, metadata: {} });
  const { threadMetadata, newThreadMetadata = threadMetadata } = input;
  // As it is before its first run, and as this run leaves it: `resolve` gives the same for both.
  const row = await insert(pool, input, resolved, {
    configs: [{}, resolved.threadConfig],
    metadata: [{}, threadMetadata, newThreadMetadata],
  });
  if (row.dispatch !== null) return insertedRun(input, resolved, row);
  if (!row.idle || input.temporaryThread) return null;
  const thread = { config: row.thread_config, metadata: row.thread_metadata };
  const forThread = input.resolve(thread);
  const next = await insert(pool, input, forThread, {
    configs: [thread.config],
    metadata: [thread.metadata],
  });
  return next.dispatch === null ? null : insertedRun(input, forThread, next);
}

/** @param madeFor what the thread may have: for anything else the run has to be made anew */
async function insert(
  pool: pg.Pool,
  input: CreateRunInput,
  resolved: Resolved,
  madeFor: { configs: readonly object[]; metadata: readonly object[] },
): Promise<AloneRow> {
  const { rows } = await inOneStatement<AloneRow>(pool, {
    name: 'insert-run-alone',
    text: INSERT_RUN_ALONE,
    values: [
      ...insertValues(input, resolved),
      madeFor.configs.map((config) => JSON.stringify(config)),
      madeFor.metadata.map((metadata) => JSON.stringify(metadata)),
      input.temporaryThread || input.ifThreadMissing === 'create',
      input.temporaryThread,
      JSON.stringify(input.newThreadMetadata ?? input.threadMetadata),
    ],
  });
  return rows[0] ?? { dispatch: null, idle: false };
}
