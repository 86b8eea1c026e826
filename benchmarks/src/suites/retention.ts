/**
 * What it costs users when much expires at once: old logs are deleted beside runs that begin.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startLongrun, type Longrun } from '../contenders/longrun.js';
import { nowMs } from '../harness/clock.js';
import { quantile } from '../harness/statistics.js';
import { openLoop } from '../load/loops.js';
import { ONE_TOKEN, streamRun } from '../load/run-requests.js';
import { figure, ratio } from '../report/markdown.js';
import type { Suite } from '../suite.js';
import { clientOf } from './clients.js';
import { fillTables } from './fill-tables.js';

const EVENTS_PER_RUN = 100;
/** What two cores bear with ease, so that a wait shows as a wait. */
const STARTS_PER_SECOND = 20;
const WINDOW_SECONDS = 1;
const LOOK_MS = 20;

interface Starts {
  readonly latencies: number[];
  readonly problems: string[];
}

interface Deletion {
  readonly seconds: number;
  /** Of the sweeper's, as seen by a look every 20 ms. */
  readonly longestStatementMs: number;
}

export const retention: Suite = {
  name: 'retention',
  about:
    'deleting 1,000,000 events of 10,000 old runs: rows/s, longest statement, and what starts cost meanwhile',
  seconds: { long: 120, short: 40 },
  run: async ({ size, note }) => {
    const isLong = size === 'long';
    const runs = isLong ? 10_000 : 1_000;
    const stack = await startLongrun({ env: { RETENTION_INTERVAL_SECONDS: '1' } });
    try {
      const { url } = stack.stack.info.postgres;
      await fillTables(url, { threads: runs, runsPerThread: 1, eventsPerRun: EVENTS_PER_RUN }, note);
      // Warm, and not counted.
      await starts(stack, isLong ? 5 : 2);
      const without = await starts(stack, isLong ? 20 : 5);
      note(`${String(runs)} runs grow old`);
      const deletion = deleteOld(url);
      const during: Starts = { latencies: [], problems: [] };
      let isOver = false;
      void deletion.finally(() => (isOver = true)).catch(() => undefined);
      while (!isOver) {
        const { latencies, problems } = await starts(stack, WINDOW_SECONDS);
        during.latencies.push(...latencies);
        during.problems.push(...problems);
      }
      const { seconds, longestStatementMs } = await deletion;
      const rows = runs * EVENTS_PER_RUN;
      const [p50, p99] = [0.5, 0.99].map((share) => ({
        without: quantile(without.latencies, share),
        during: quantile(during.latencies, share),
      }));
      return {
        tables: [
          {
            title: 'Retention',
            head: ['rows deleted', 'seconds', 'rows/s', 'longest statement ms'],
            rows: [[figure(rows), figure(seconds), figure(rows / seconds), figure(longestStatementMs)]],
          },
          {
            title: `Retention: POST stream → first event, ${String(STARTS_PER_SECOND)} starts/s`,
            head: ['', 'without ms', 'during ms', 'during ÷ without'],
            rows: Object.entries({ p50, p99 }).map(([name, value]) => [
              name,
              figure(value?.without),
              figure(value?.during),
              ratio(value?.during ?? NaN, value?.without),
            ]),
          },
        ],
        figures: { rows, seconds, longestStatementMs, p50, p99, starts: during.latencies.length },
        settings: { runs, eventsPerRun: EVENTS_PER_RUN, startsPerSecond: STARTS_PER_SECOND },
        problems: [...without.problems, ...during.problems].slice(0, 5),
      };
    } finally {
      await stack.stop();
    }
  },
};

async function starts(stack: Longrun, seconds: number): Promise<Starts> {
  const latencies: number[] = [];
  const { problems } = await openLoop(
    async () => {
      const { sentAt, firstEventAt } = await streamRun(clientOf(stack), ONE_TOKEN);
      latencies.push(firstEventAt - sentAt);
    },
    STARTS_PER_SECOND,
    seconds,
  );
  return { latencies, problems: [...problems] };
}

/** Lets what is stored be a month old, and waits until its events are gone. */
async function deleteOld(databaseUrl: string): Promise<Deletion> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'bench-look' });
  await client.connect();
  try {
    await client.query(
      'UPDATE run SET ended_at = now() - interval \'30 days\' WHERE kwargs::text LIKE \'{"input":{"n":1}%\'',
    );
    let startedAt: number | undefined;
    let longestStatementMs = 0;
    for (;;) {
      const { rows } = await client.query<{ has_begun: boolean; is_left: boolean; longest: number | null }>(`
        SELECT EXISTS (SELECT 1 FROM run WHERE events_pruned_at IS NOT NULL) AS has_begun,
          EXISTS (SELECT 1 FROM run WHERE ended_at < now() - interval '20 days' AND NOT events_deleted) AS is_left,
          (SELECT max(extract(epoch FROM clock_timestamp() - query_start) * 1000)::float8 FROM pg_stat_activity
           WHERE application_name = 'longrun-sweeper' AND state = 'active') AS longest`);
      const [seen] = rows;
      if (seen?.has_begun) startedAt ??= nowMs();
      longestStatementMs = Math.max(longestStatementMs, seen?.longest ?? 0);
      if (startedAt !== undefined && !seen?.is_left) {
        return { seconds: (nowMs() - startedAt) / 1_000, longestStatementMs };
      }
      await sleep(LOOK_MS);
    }
  } finally {
    await client.end();
  }
}
