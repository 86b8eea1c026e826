/**
 * What does not live for ever, each as a duty of housekeeping: logs, threads, items of the store, records of webhooks, idempotency keys.
 */
import {
  IDEMPOTENCY_KEY_SECONDS,
  RETENTION_BATCH_ROWS,
  RETENTION_INTERVAL_SECONDS,
  RUN_EVENT_RETENTION_SECONDS,
  STORE_SWEEP_INTERVAL_MINUTES,
  WEBHOOK_LOG_RETENTION_SECONDS,
} from '@longrun/contracts';
import type pg from 'pg';
import { DELETE_OLD_DELIVERIES } from '../webhooks/webhooks.sql.js';
import { DELETE_MARKED_LOGS, MARK_OLD_LOGS, type DeletedLogsRow } from './delete-logs.sql.js';
import {
  DELETE_THREAD_CHECKPOINTS,
  DELETE_THREAD_LOGS,
  DELETE_THREADS,
  EXPIRED_THREADS,
  MARK_THREAD_LOGS,
  type ExpiredThreadRow,
} from './delete-threads.sql.js';
import { hideExpiredThreads, pruneExpiredThread } from './expire-threads.js';
import type { Duty } from './housekeeping.js';
import type { SweepCounts } from './sweep-counts.js';
import { DELETE_EXPIRED_ITEMS, DELETE_OLD_KEYS } from './sweep.sql.js';

export interface RetentionSettings {
  /** Logs of ended runs. Default 7 days. */
  eventSeconds?: number;
  /** Records of webhooks that were delivered or given up. Default 7 days. */
  webhookSeconds?: number;
  /** Idempotency keys. Default a day. */
  idempotencyKeySeconds?: number;
  /** How often is looked for what has expired. Default 10 s. */
  intervalSeconds?: number;
  /** How often expired items of the store are deleted; they are invisible at once. Default 5 min. */
  itemSweepIntervalMs?: number;
  /** Rows that one statement deletes at most. Default 5,000. */
  batchRows?: number;
}

/** Runs and threads that one statement takes at most, whose rows are wider than those of a log and stand in many indexes. */
const BATCH_RUNS = 500;
const BATCH_THREADS = 100;

/** @param counts what is done is added to it */
export function retentionDuties(pool: pg.Pool, settings: RetentionSettings, counts: SweepCounts): Duty[] {
  const rows = settings.batchRows ?? RETENTION_BATCH_ROWS;
  const intervalMs = (settings.intervalSeconds ?? RETENTION_INTERVAL_SECONDS) * 1_000;
  const itemIntervalMs = settings.itemSweepIntervalMs ?? STORE_SWEEP_INTERVAL_MINUTES * 60_000;
  const deleted = async (sql: string, ...values: unknown[]): Promise<number> =>
    (await pool.query(sql, values)).rowCount ?? 0;
  const eventSeconds = settings.eventSeconds ?? RUN_EVENT_RETENTION_SECONDS;
  const webhookSeconds = settings.webhookSeconds ?? WEBHOOK_LOG_RETENTION_SECONDS;
  const keySeconds = settings.idempotencyKeySeconds ?? IDEMPOTENCY_KEY_SECONDS;
  return [
    { intervalMs, batch: async () => (await hideExpiredThreads(pool, BATCH_RUNS)) === BATCH_RUNS },
    { intervalMs, batch: () => pruneExpiredThread(pool) },
    { intervalMs, batch: () => deleteThreads(pool, rows, counts) },
    { intervalMs, batch: () => deleteLogs(pool, rows, eventSeconds, counts) },
    { intervalMs, batch: async () => (await deleted(DELETE_OLD_KEYS, keySeconds, rows)) === rows },
    { intervalMs, batch: async () => (await deleted(DELETE_OLD_DELIVERIES, webhookSeconds, rows)) === rows },
    {
      intervalMs: itemIntervalMs,
      batch: async () => {
        const items = await deleted(DELETE_EXPIRED_ITEMS, rows);
        counts.items += items;
        return items === rows;
      },
    },
  ];
}

/** What is marked goes first, so that little is ever marked and not gone. */
async function deleteLogs(
  pool: pg.Pool,
  rows: number,
  seconds: number,
  counts: SweepCounts,
): Promise<boolean> {
  const { rows: answer } = await pool.query<DeletedLogsRow>(DELETE_MARKED_LOGS, [BATCH_RUNS, rows]);
  const done = answer[0] ?? { rows: 0, runs: 0 };
  if (done.rows === rows || done.runs === BATCH_RUNS) return true;
  const { rowCount } = await pool.query(MARK_OLD_LOGS, [seconds, BATCH_RUNS]);
  counts.logs += rowCount ?? 0;
  return (rowCount ?? 0) > 0;
}

/** As many of the oldest as together have no more rows than a statement may delete; of a larger one, a piece. */
async function deleteThreads(pool: pg.Pool, rows: number, counts: SweepCounts): Promise<boolean> {
  const { rows: expired } = await pool.query<ExpiredThreadRow>(EXPIRED_THREADS, [BATCH_THREADS, rows]);
  const [first] = expired;
  if (!first) return false;
  if (first.rows >= rows) {
    await pool.query(MARK_THREAD_LOGS, [first.thread_id, BATCH_RUNS]);
    await pool.query(DELETE_THREAD_LOGS, [first.thread_id, BATCH_RUNS, rows]);
    await pool.query(DELETE_THREAD_CHECKPOINTS, [first.thread_id, rows]);
    return true;
  }
  let together = 0;
  const taken = expired.filter((thread) => (together += thread.rows) < rows).map((row) => row.thread_id);
  const { rowCount } = await pool.query(DELETE_THREADS, [taken]);
  counts.threads += rowCount ?? 0;
  // Those that somebody else has at hand are left to it until the next round.
  return (rowCount ?? 0) > 0 && (taken.length < expired.length || expired.length === BATCH_THREADS);
}
