/**
 * The record of crons: created, changed, found and deleted for clients. Their ticks are fired in `cron-firer.ts`.
 */
import {
  LongrunError,
  type Cron,
  type CronSortField,
  type JsonObject,
  type SqlCondition,
} from '@longrun/contracts';
import { inTransaction } from '@longrun/database';
import type pg from 'pg';
import type { RunRequest } from '../run-request/run-request.js';
import { CronSchedule } from './cron-schedule.js';
import type { CronRow } from './sql/cron-row.sql.js';
import { countCrons, searchCrons } from './sql/search-crons.sql.js';
import {
  DELETE_CRON,
  INSERT_CRON,
  LOCK_CRON,
  NOW,
  UPDATE_CRON,
  type LockedCronRow,
} from './sql/write-cron.sql.js';

/** What can be said of a cron at any time. */
export interface CronSettings {
  /** Five fields. */
  schedule: string;
  /** IANA name; null is UTC. */
  timezone: string | null;
  /** No tick comes due after it. */
  endTime: Date | null;
  enabled: boolean;
  /** What becomes of the threads of a cron that has none of its own. */
  onRunCompleted: 'delete' | 'keep';
}

export interface NewCron extends CronSettings {
  /** With the id of a cron that exists, that one is the answer. */
  id: string;
  assistantId: string;
  threadId: string | null;
  /** The request of every run; what is null counts as not given, except of `input`. */
  payload: RunRequest;
  /** Of the cron, and of every run. */
  metadata: JsonObject;
  /** Who made it, for `configurable` of every run. Default null: nobody was authenticated. */
  identity?: JsonObject | null;
}

/** What is absent stays; a null in `payload` removes the field, except of `input`; metadata are merged. */
export type CronChange = Partial<CronSettings> & { payload: RunRequest; metadata: JsonObject };

export interface CronFilter {
  assistantId: string | null;
  threadId: string | null;
  enabled: boolean | null;
  /** Contained in the cron's. */
  metadata: JsonObject | null;
  /** The crons that the asker may know of, by their metadata; null for all. */
  meant: SqlCondition | null;
}

export interface CronPage {
  sortBy: CronSortField;
  ascending: boolean;
  limit: number;
  offset: number;
}

export class CronStore {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** @throws LongrunError VALIDATION_FAILED naming `schedule` or `timezone` */
  async create(cron: NewCron): Promise<Cron> {
    const schedule = new CronSchedule(cron.schedule, cron.timezone);
    const { rows: clock } = await this.#pool.query<{ now: Date }>(NOW);
    const { rows } = await this.#pool.query<CronRow>(INSERT_CRON, [
      cron.id,
      cron.assistantId,
      cron.threadId,
      ...valuesOf(cron),
      JSON.stringify(mergePayload({}, cron.payload)),
      JSON.stringify(cron.metadata),
      nextTick(schedule, cron, clock[0]?.now ?? new Date()),
      cron.identity ? JSON.stringify(cron.identity) : null,
    ]);
    return toCron(firstOf(rows));
  }

  /**
   * Changes a cron. Its next tick stays what it is, due or not, unless its schedule, time zone, end or `enabled` is said anew; then it is
   * the first one from now on, and nothing is made up for.
   *
   * @param check judges the cron as it is, under its lock
   * @throws LongrunError CRON_NOT_FOUND, VALIDATION_FAILED naming `schedule` or `timezone`, what `check` throws
   */
  async update(cronId: string, change: CronChange, check: (cron: Cron) => void): Promise<Cron> {
    const { payload, metadata, ...settings } = change;
    return inTransaction(this.#pool, async (client) => {
      const { rows } = await client.query<LockedCronRow>(LOCK_CRON, [cronId]);
      const row = rows[0];
      if (!row) throw cronNotFound(cronId);
      check(toCron(row));
      const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
      const next: CronSettings = { ...settingsOf(row), ...given };
      const isTimedAnew = ['schedule', 'timezone', 'endTime', 'enabled'].some((name) => name in given);
      const schedule = isTimedAnew ? new CronSchedule(next.schedule, next.timezone) : null;
      const updated = await client.query<CronRow>(UPDATE_CRON, [
        cronId,
        ...valuesOf(next),
        JSON.stringify(mergePayload(row.payload, payload)),
        JSON.stringify({ ...row.metadata, ...metadata }),
        schedule ? nextTick(schedule, next, row.now) : row.next_run_date,
      ]);
      return toCron(firstOf(updated.rows));
    });
  }

  /** @throws LongrunError CRON_NOT_FOUND */
  async delete(cronId: string): Promise<void> {
    const { rowCount } = await this.#pool.query(DELETE_CRON, [cronId]);
    if (rowCount === 0) throw cronNotFound(cronId);
  }

  /** With Postgres's time when it was asked. */
  async search(filter: CronFilter, page: CronPage): Promise<{ crons: Cron[]; now: Date | null }> {
    const values = [...parametersOf(filter), page.limit, page.offset];
    const meant = meantBy(filter, values);
    const { rows } = await this.#pool.query<LockedCronRow>(
      searchCrons(meant, page.sortBy, page.ascending),
      values,
    );
    return { crons: rows.map(toCron), now: rows[0]?.now ?? null };
  }

  async count(filter: CronFilter): Promise<number> {
    const values = parametersOf(filter);
    const { rows } = await this.#pool.query<{ total: number }>(countCrons(meantBy(filter, values)), values);
    return rows[0]?.total ?? 0;
  }
}

/** The first tick after `now`, if the cron is to have one. */
function nextTick(
  schedule: CronSchedule,
  { enabled, endTime }: Pick<CronSettings, 'enabled' | 'endTime'>,
  now: Date,
): Date | null {
  const tick = enabled ? schedule.next(now) : null;
  return tick !== null && (endTime === null || tick <= endTime) ? tick : null;
}

/** In the order of the parameters of INSERT_CRON and UPDATE_CRON. */
function valuesOf({ schedule, timezone, endTime, enabled, onRunCompleted }: CronSettings): unknown[] {
  return [schedule, timezone, endTime, enabled, onRunCompleted];
}

function settingsOf(row: CronRow): CronSettings {
  return {
    schedule: row.schedule,
    timezone: row.timezone,
    endTime: row.end_time,
    enabled: row.enabled,
    onRunCompleted: row.on_run_completed,
  };
}

/** Without what is null, except an input. */
function mergePayload(before: RunRequest, change: RunRequest): RunRequest {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const merged = Object.entries({ ...before, ...Object.fromEntries(given) });
  return Object.fromEntries(merged.filter(([name, value]) => value !== null || name === 'input'));
}

function parametersOf({ assistantId, threadId, enabled, metadata }: CronFilter): unknown[] {
  return [assistantId, threadId, enabled, metadata === null ? null : JSON.stringify(metadata)];
}

/** @param values of the statement, to which those of the condition are added */
function meantBy({ meant }: CronFilter, values: unknown[]): string {
  return meant ? meant('cron.metadata', (value) => `$${values.push(value)}`) : 'true';
}

function firstOf(rows: readonly CronRow[]): CronRow {
  const [row] = rows;
  if (!row) throw new LongrunError('INTERNAL', 'The cron was not written.');
  return row;
}

function cronNotFound(cronId: string): LongrunError {
  return new LongrunError('CRON_NOT_FOUND', `Cron ${cronId} not found`, { details: { cron_id: cronId } });
}

function toCron(row: CronRow): Cron {
  return {
    cron_id: row.cron_id,
    assistant_id: row.assistant_id,
    thread_id: row.thread_id,
    on_run_completed: row.on_run_completed,
    end_time: row.end_time?.toISOString() ?? null,
    schedule: row.schedule,
    timezone: row.timezone,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    payload: { ...row.payload },
    user_id: row.user_id,
    next_run_date: row.next_run_date?.toISOString() ?? null,
    metadata: row.metadata,
    enabled: row.enabled,
    last_error: row.last_error,
  };
}
