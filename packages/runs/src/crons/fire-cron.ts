/**
 * One tick of one cron: the run is created and the cron moved on in one transaction, under the cron's lock. However many sweepers try,
 * and wherever they die, a tick has one run or none was committed.
 */
import { isLongrunError, LongrunError, type CronError } from '@longrun/contracts';
import { inTransaction, isLockConflict, isPostgresUnavailable, isUniqueViolation } from '@longrun/database';
import { currentTraceparent, inSpan } from '@longrun/telemetry';
import type pg from 'pg';
import { v5 as idOf } from 'uuid';
import { toCreateRunInput } from '../run-request/new-run.js';
import type { RunLimit } from '../run-request/run-limits.js';
import type { CreatedRun, CreateRunInput } from '../run-store/create-run-input.js';
import type { RunStore } from '../run-store/run-store.js';
import { CronSchedule, type CatchUp } from './cron-schedule.js';
import { ADVANCE_CRON } from './sql/advance-cron.sql.js';
import { LOCK_DUE_CRON, type DueCronRow } from './sql/lock-due-cron.sql.js';

/** What became of a cron that was due. */
export interface FiredCron {
  cronId: string;
  tick: Date;
  /** Older ticks that were missed and are left out; counted up to 200. */
  skipped: number;
  /** Null: the tick had its run already, or could not get one. */
  run: CreatedRun | null;
  /** Why there is no run. */
  error: CronError | null;
  /** The cron cannot ever get a run and was disabled. */
  disabled: boolean;
}

/** Errors that no later tick can escape. */
const HOPELESS = ['ASSISTANT_NOT_FOUND', 'THREAD_NOT_FOUND', 'VALIDATION_FAILED'] as const;

/**
 * Fires the newest tick that is due; its run counts against `limits` as any other. Null when another sweeper has the cron, or nothing is due.
 *
 * @throws the error of Postgres when it was away or another transaction in the way: nothing has changed, the next look tries again
 */
export function fireCron(
  store: RunStore,
  cronId: string,
  limits: readonly RunLimit[] = [],
): Promise<FiredCron | null> {
  return inTransaction(store.pool, async (client) => {
    const { rows } = await client.query<DueCronRow>(LOCK_DUE_CRON, [cronId]);
    const cron = rows[0];
    return cron ? fireLocked(store, client, cron, limits) : null;
  });
}

async function fireLocked(
  store: RunStore,
  client: pg.PoolClient,
  cron: DueCronRow,
  limits: readonly RunLimit[],
): Promise<FiredCron> {
  const fired = { cronId: cron.cron_id, tick: cron.next_run_date, skipped: 0 };
  let moment: CatchUp;
  try {
    moment = momentOf(cron);
  } catch (error) {
    // A schedule that could be read when it was written, such as of a time zone that was abolished.
    return advance(
      client,
      { ...fired, run: null, error: toCronError(error, cron.now), disabled: true },
      null,
    );
  }
  const { tick, skipped, next } = moment;
  const isOver = next === null || (cron.end_time !== null && next > cron.end_time);
  // A trace of its own: nobody asked for the run.
  const span = { parent: null, attributes: { 'longrun.cron.id': cron.cron_id } };
  const { run, thrown } = await inSpan('cron', span, () =>
    createRun(store, client, () => ({ ...runOf(cron, tick, limits), traceparent: currentTraceparent() })),
  );
  const disabled = HOPELESS.some((code) => isLongrunError(thrown, code));
  const error = thrown === null ? null : toCronError(thrown, cron.now);
  return advance(client, { ...fired, tick, skipped, run, error, disabled }, isOver || disabled ? null : next);
}

/** The newest tick that is due and not after the end. */
function momentOf(cron: DueCronRow): CatchUp {
  const until = cron.end_time !== null && cron.end_time < cron.now ? cron.end_time : cron.now;
  return new CronSchedule(cron.schedule, cron.timezone).catchUp(cron.next_run_date, until);
}

/** A failure is undone by itself, so that the cron can be moved on all the same. */
async function createRun(
  store: RunStore,
  client: pg.PoolClient,
  input: () => CreateRunInput,
): Promise<{ run: CreatedRun | null; thrown: unknown }> {
  await client.query('SAVEPOINT tick');
  try {
    const run = await store.createWithin(client, input());
    await client.query('RELEASE SAVEPOINT tick');
    return { run, thrown: null };
  } catch (error) {
    if (isLockConflict(error) || isPostgresUnavailable(error)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT tick');
    return { run: null, thrown: isUniqueViolation(error, 'run_pkey') ? null : error };
  }
}

/** The ids follow from cron and tick: a second run of a tick is impossible even if its cron were moved back. */
function runOf(cron: DueCronRow, tick: Date, limits: readonly RunLimit[]): CreateRunInput {
  if (!cron.assistant) {
    throw new LongrunError('ASSISTANT_NOT_FOUND', `Assistant ${cron.assistant_id} not found`);
  }
  return toCreateRunInput({
    runId: idOf(tick.toISOString(), cron.cron_id),
    threadId: cron.thread_id ?? idOf(`thread ${tick.toISOString()}`, cron.cron_id),
    isStateless: cron.thread_id === null,
    request: {
      ...cron.payload,
      metadata: { ...cron.metadata, cron_id: cron.cron_id },
      on_completion: cron.on_run_completed,
    },
    assistant: cron.assistant,
    headers: {},
    identity: cron.identity ?? {},
    limits,
  });
}

async function advance(client: pg.PoolClient, fired: FiredCron, next: Date | null): Promise<FiredCron> {
  const error = fired.error === null ? null : JSON.stringify(fired.error);
  await client.query(ADVANCE_CRON, [fired.cronId, next, !fired.disabled, error]);
  return fired;
}

function toCronError(error: unknown, at: Date): CronError {
  const name = isLongrunError(error) ? error.code : error instanceof Error ? error.name : 'Error';
  // What jsonb cannot store must not keep a cron from moving on.
  const message = (error instanceof Error ? error.message : String(error)).replaceAll('\0', '');
  return { at: at.toISOString(), error: name, message };
}
