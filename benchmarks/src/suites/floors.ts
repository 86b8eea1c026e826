/**
 * The floors of the parts that a run goes through: the least that a queue, a durable insert and a whole run in four statements cost
 * here, with nothing of ours around them.
 */
import { startTestRedis } from '@longrun/testing';
import { Queue, Worker } from 'bullmq';
import pg from 'pg';
import { nowMs } from '../harness/clock.js';
import { stoppedAtExit } from '../harness/cleanups.js';
import { startDurablePostgres } from '../harness/durable-postgres.js';
import { quantile } from '../harness/statistics.js';
import { closedLoop } from '../load/loops.js';
import { figure } from '../report/markdown.js';
import type { Suite } from '../suite.js';
import { RawRecord } from './raw-record.js';

/** What one floor measures. */
interface FloorFigures {
  readonly what: string;
  readonly latencies: readonly number[];
  /** Operations per second. */
  readonly rate: number;
}

export const floors: Suite = {
  name: 'floors',
  about:
    'raw BullMQ add → process; raw fenced inserts and a whole run in four statements on a durable Postgres',
  seconds: { long: 60, short: 25 },
  run: async ({ size, note }) => {
    const seconds = size === 'long' ? 5 : 2;
    note('BullMQ');
    const queue = await measureQueue(seconds);
    note('Postgres');
    const all = [...queue, ...(await measurePostgres(seconds))];
    return {
      tables: [
        {
          title: 'Floors',
          head: ['what', 'n', 'p50 ms', 'p99 ms', 'per second'],
          rows: all.map(({ what, latencies, rate }) => [
            what,
            String(latencies.length),
            figure(quantile(latencies, 0.5)),
            figure(quantile(latencies, 0.99)),
            figure(rate),
          ]),
        },
      ],
      figures: all.map(({ what, latencies, rate }) => ({
        what,
        count: latencies.length,
        p50: quantile(latencies, 0.5),
        p99: quantile(latencies, 0.99),
        rate,
      })),
      settings: { seconds },
      problems: [],
    };
  },
};

async function measureQueue(seconds: number): Promise<FloorFigures[]> {
  const redis = await startTestRedis();
  const stopRedis = stoppedAtExit(() => redis.stop());
  const options = {
    connection: { host: '127.0.0.1', port: redis.port, maxRetriesPerRequest: null },
    prefix: 'bench',
    skipVersionCheck: true,
  };
  const queue = new Queue('floor', options);
  const waiting = new Map<string, () => void>();
  const worker = new Worker<{ key: string }>(
    'floor',
    async ({ data }) => {
      waiting.get(data.key)?.();
    },
    { ...options, concurrency: 64 },
  );
  await worker.waitUntilReady();
  let next = 0;
  const addAndProcess = async (): Promise<void> => {
    const key = String((next += 1));
    const processed = new Promise<void>((resolve) => waiting.set(key, resolve));
    await queue.add('run', { key }, { removeOnComplete: true, removeOnFail: true });
    await processed;
    waiting.delete(key);
  };
  try {
    return [
      await timed('BullMQ add → process, one at a time', addAndProcess, 1, seconds),
      await timed('BullMQ add → process, 64 at a time', addAndProcess, 64, seconds),
    ];
  } finally {
    await worker.close(true);
    await queue.close();
    await stopRedis();
  }
}

async function measurePostgres(seconds: number): Promise<FloorFigures[]> {
  const postgres = await startDurablePostgres();
  const pool = new pg.Pool({ connectionString: postgres.url, max: 8 });
  try {
    const record = await RawRecord.create(pool);
    return [
      await timed('fenced insert of 1 event', () => record.append(1), 1, seconds),
      await timed('fenced insert of 50 events', () => record.append(50), 1, seconds),
      await timed('a run in 4 statements, one at a time', () => record.run(), 1, seconds),
      await timed('a run in 4 statements, 8 at a time', () => record.run(), 8, seconds),
    ];
  } finally {
    await pool.end();
    await postgres.stop();
  }
}

async function timed(
  what: string,
  operation: () => Promise<void>,
  concurrency: number,
  seconds: number,
): Promise<FloorFigures> {
  const latencies: number[] = [];
  const once = async (): Promise<void> => {
    const startedAt = nowMs();
    await operation();
    latencies.push(nowMs() - startedAt);
  };
  // Warms up.
  await closedLoop(once, concurrency, seconds / 4);
  latencies.length = 0;
  const { rate, problems } = await closedLoop(once, concurrency, seconds);
  if (problems.length > 0) throw new Error(`${what}: ${problems.join('; ')}`);
  return { what, latencies, rate };
}
