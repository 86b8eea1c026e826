/**
 * What the statements of a run and the look of a sweeper cost in a crowd: 100,000 runs under way on 2,000 workers and as many waiting,
 * beside a database with next to nothing in it. The crowd is rows: so many processes do not fit here, and Postgres cannot tell.
 */
import { randomUUID } from 'node:crypto';
import { createPool, migrate } from '@longrun/database';
import { setupCheckpointTables } from '@longrun/graphs';
import { InProcessEventBus, InProcessRunQueue, RunStore, Sweeper } from '@longrun/runs';
import pg from 'pg';
import { nowMs } from '../harness/clock.js';
import { startDurablePostgres } from '../harness/durable-postgres.js';
import { turnsOf } from '../harness/in-turns.js';
import { quantile } from '../harness/statistics.js';
import { figure, ratio } from '../report/markdown.js';
import type { Suite, SuiteContext, SuiteResult } from '../suite.js';

const GRAPH = 'noop';
const SECONDS = { long: 5, short: 1 };
const ROUNDS = { long: 3, short: 1 };

/** What stands in a database before anything is measured. */
interface Crowd {
  readonly workers: number;
  readonly running: number;
  readonly waiting: number;
}

const QUIET: Crowd = { workers: 2, running: 10, waiting: 10 };
const CROWDED: Crowd = { workers: 2_000, running: 100_000, waiting: 100_000 };

const WORKERS = `
INSERT INTO worker (worker_id, graph_ids, hostname, pid, beat)
SELECT gen_random_uuid(), ARRAY['${GRAPH}'], 'host-' || n % 100, n, 1 FROM generate_series(1, $1::int) AS n`;
const THREADS = `
INSERT INTO thread (thread_id, status, metadata, last_run_order)
SELECT uuidv7(), 'busy', '{}', 1 FROM generate_series(1, $1::int)`;
// Dispatched in an hour: nobody takes them for lost while the measurement lasts.
const RUNS = `
INSERT INTO run (run_id, thread_id, assistant_id, graph_id, thread_order, status, attempt, worker_id, dispatch, dispatched_at,
  multitask_strategy, kwargs, metadata)
SELECT uuidv7(), thread_id, $1::uuid, '${GRAPH}', 1, (CASE WHEN n <= $2 THEN 'running' ELSE 'pending' END)::run_status,
  CASE WHEN n <= $2 THEN 1 ELSE 0 END, CASE WHEN n <= $2 THEN workers.ids[1 + n % array_length(workers.ids, 1)] END,
  1, now() + interval '1 hour', 'enqueue', '{}', '{}'
FROM (SELECT thread_id, row_number() OVER ()::int AS n FROM thread) AS threads,
  (SELECT array_agg(worker_id) AS ids FROM worker) AS workers`;

interface Place {
  readonly name: string;
  readonly store: RunStore;
  readonly assistantId: string;
  readonly sweeper: () => Sweeper;
}

export const crowd: Suite = {
  name: 'crowd',
  about:
    'create, claim, finish and a look of the sweeper with 100,000 runs under way on 2,000 workers ÷ next to none',
  seconds: { long: 90, short: 45 },
  run: async (context) => {
    const server = await startDurablePostgres();
    const pools: pg.Pool[] = [];
    try {
      const quiet = await makePlace('quiet', server.url, QUIET, pools);
      context.note('100,000 runs under way, 100,000 waiting');
      const crowded = await makePlace('crowded', server.url, CROWDED, pools);
      return await measure([quiet, crowded], context);
    } finally {
      await Promise.all(pools.map((pool) => pool.end()));
      await server.stop();
    }
  },
};

async function makePlace(name: string, serverUrl: string, crowd: Crowd, pools: pg.Pool[]): Promise<Place> {
  const admin = new pg.Client(serverUrl);
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await migrate(url.toString());
  const pool = createPool({ url: url.toString(), poolSize: 4 });
  pools.push(pool);
  await setupCheckpointTables(pool);
  const assistantId = randomUUID();
  await pool.query('INSERT INTO assistant (assistant_id, graph_id, name) VALUES ($1, $2, $2)', [
    assistantId,
    GRAPH,
  ]);
  await pool.query(WORKERS, [crowd.workers]);
  await pool.query(THREADS, [crowd.running + crowd.waiting]);
  await pool.query(RUNS, [assistantId, crowd.running]);
  await pool.query('VACUUM ANALYZE');
  const store = new RunStore(pool);
  const queue = new InProcessRunQueue();
  const bus = new InProcessEventBus();
  // One that has looked only once judges nobody yet: these workers have no processes.
  const sweeper = (): Sweeper => new Sweeper({ sweeperId: randomUUID(), store, queue, bus, announce: true });
  return { name, store, assistantId, sweeper };
}

type Operation = 'create' | 'claim' | 'finish' | 'look';
const OPERATIONS: readonly Operation[] = ['create', 'claim', 'finish', 'look'];

async function measure(
  places: readonly Place[],
  { size, rounds: wanted, note }: SuiteContext,
): Promise<SuiteResult> {
  const rounds = wanted ?? ROUNDS[size];
  const took = new Map<string, number[]>();
  const keep = (place: Place, operation: Operation, ms: number): void => {
    const key = `${place.name} ${operation}`;
    took.set(key, [...(took.get(key) ?? []), ms]);
  };
  for (let round = 0; round <= rounds; round += 1) {
    note(round === 0 ? 'warming up' : `round ${String(round)} of ${String(rounds)}`);
    for (const place of turnsOf(places, round)) {
      const until = nowMs() + SECONDS[size] * 1_000;
      while (nowMs() < until) {
        const times = await once(place);
        if (round > 0) for (const operation of OPERATIONS) keep(place, operation, times[operation]);
      }
    }
  }
  const figures = OPERATIONS.map((operation) => {
    const [quiet, crowded] = places.map(({ name }) => took.get(`${name} ${operation}`) ?? []);
    const of = (list: readonly number[] = []) => ({
      n: list.length,
      p50: quantile(list, 0.5),
      p99: quantile(list, 0.99),
    });
    return { operation, quiet: of(quiet), crowded: of(crowded) };
  });
  return {
    tables: [
      {
        title: 'A crowd: 100,000 runs under way on 2,000 workers, 100,000 waiting',
        head: [
          'statement',
          'n',
          'quiet p50 ms',
          'quiet p99',
          'crowded p50 ms',
          'crowded p99',
          'crowded ÷ quiet',
        ],
        rows: figures.map(({ operation, quiet, crowded }) => [
          operation,
          String(crowded.n),
          figure(quiet.p50),
          figure(quiet.p99),
          figure(crowded.p50),
          figure(crowded.p99),
          ratio(crowded.p50, quiet.p50),
        ]),
      },
    ],
    figures,
    settings: { quiet: QUIET, crowded: CROWDED, rounds, seconds: SECONDS[size] },
    problems: [],
  };
}

/** One run from its creation to its end, and a look; how long each took, ms. */
async function once({ store, assistantId, sweeper }: Place): Promise<Record<Operation, number>> {
  const runId = randomUUID();
  const threadId = randomUUID();
  const create = await timeOf(() =>
    store.create({
      runId,
      threadId,
      assistantId,
      graphId: GRAPH,
      multitaskStrategy: 'enqueue',
      ifThreadMissing: 'create',
      temporaryThread: false,
      afterSeconds: 0,
      priority: 0,
      metadata: {},
      threadMetadata: {},
      resolve: () => ({
        kwargs: { config: {}, stream_mode: ['values'], subgraphs: false, resumable: false, temporary: false },
        threadConfig: {},
        metadata: {},
      }),
    }),
  );
  const claim = await timeOf(() => store.claim(runId, randomUUID(), [GRAPH]));
  const finish = await timeOf(() =>
    store.finish({ runId, threadId, attempt: 1, end: { status: 'success' } }),
  );
  const watcher = sweeper();
  // The first look also cleans up, which is done every ten seconds.
  await watcher.lookOnce();
  const look = await timeOf(() => watcher.lookOnce());
  return { create, claim, finish, look };
}

async function timeOf(operation: () => Promise<unknown>): Promise<number> {
  const startedAt = nowMs();
  await operation();
  return nowMs() - startedAt;
}
