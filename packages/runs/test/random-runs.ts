/**
 * Random rows of `run` for the comparison of the table of transitions with Postgres: every status with every mark and counter, each
 * on a thread of its own, written by one statement.
 */
import { v5 as idOf } from 'uuid';
import { RUN_STATUSES, type CancelAction } from '@longrun/contracts';
import type pg from 'pg';
import type { RunColumns, TransitionArguments } from '../src/run-store/transitions/expression.js';
import type { RunInThread } from '../src/run-store/transitions/blocked.js';

/** A row; its times are milliseconds from `now()` of the transaction. */
export type RandomRun = RunColumns & RunInThread;

const NAMESPACE = '6a51a16e-6fdb-4f0e-9a43-6f7f9fe0c7f1';
const WORKERS = [idOf('worker 1', NAMESPACE), idOf('worker 2', NAMESPACE)];

/** A source of numbers that gives the same ones for the same seed. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/**
 * @param runsPerThread runs of a thread at most; one of them at most is running, as an index demands
 */
export function randomRuns(random: (below: number) => number, count: number, runsPerThread = 1): RandomRun[] {
  const one = <T>(...values: T[]): T => values[random(values.length)] as T;
  // Steps of a quarter of a second, so that limits are hit exactly now and then.
  const time = (): number => (random(300) - 280) * 250;
  const runs: RandomRun[] = [];
  let place = 0;
  let hasRunning = false;
  for (let index = 0; index < count; index += 1) {
    if (place >= runsPerThread || random(runsPerThread) === 0) {
      place = 0;
      hasRunning = false;
    }
    let status = one(...RUN_STATUSES, 'pending' as const, 'running' as const);
    if (status === 'running' && hasRunning) status = 'pending';
    hasRunning ||= status === 'running';
    const first = index - place;
    place += 1;
    const marked = random(3) === 0;
    runs.push({
      run_id: idOf(`run ${index}`, NAMESPACE),
      thread_id: idOf(`thread ${first}`, NAMESPACE),
      thread_order: place,
      status,
      attempt: random(4),
      crashes: random(4),
      retries: random(3),
      dispatch: random(9),
      dispatched_at: one(null, time()),
      due_at: time(),
      worker_id: one(null, ...WORKERS),
      cancel_requested_at: marked ? time() : null,
      cancel_action: marked ? one<CancelAction>('interrupt', 'rollback') : null,
      cancel_reason: one(null, 'because'),
    });
  }
  return runs;
}

/** Arguments for one row, of which each transition takes what it names. */
export function randomArguments(random: (below: number) => number, run: RandomRun): TransitionArguments {
  const one = <T>(...values: T[]): T => values[random(values.length)] as T;
  return {
    attempt: one(run.attempt, run.attempt, run.attempt - 1, run.attempt + 1, null),
    worker: one(...WORKERS),
    status: one('success', 'error', 'timeout', 'interrupted'),
    waits: random(2) === 0,
    seconds: one(0, 0.25, 2, 30),
    charge: random(2),
    crashLimit: 1 + random(4),
    action: one<CancelAction>('interrupt', 'rollback'),
    reason: one(null, 'for a reason'),
  };
}

/** Writes threads and runs, one statement each. */
export async function insertRuns(
  client: pg.PoolClient,
  assistantId: string,
  runs: readonly RandomRun[],
  limits: Record<string, number> = {},
): Promise<void> {
  await client.query(
    `INSERT INTO thread (thread_id) SELECT DISTINCT thread_id
     FROM jsonb_to_recordset($1::jsonb) AS row(thread_id uuid)`,
    [JSON.stringify(runs)],
  );
  await client.query(
    `INSERT INTO run (run_id, thread_id, assistant_id, graph_id, thread_order, multitask_strategy, kwargs, limits, status,
       attempt, crashes, retries, dispatch, worker_id, cancel_action, cancel_reason, dispatched_at, due_at, cancel_requested_at)
     SELECT run_id, thread_id, $2, 'graph', thread_order, 'enqueue', '{}', $3::jsonb, status,
       attempt, crashes, retries, dispatch, worker_id, cancel_action, cancel_reason,
       now() + make_interval(secs => dispatched_at / 1000), now() + make_interval(secs => due_at / 1000),
       now() + make_interval(secs => cancel_requested_at / 1000)
     FROM jsonb_to_recordset($1::jsonb) AS row(run_id uuid, thread_id uuid, thread_order int, status run_status, attempt int,
       crashes int, retries int, dispatch int, worker_id uuid, cancel_action text, cancel_reason text, dispatched_at float8,
       due_at float8, cancel_requested_at float8)`,
    [JSON.stringify(runs), assistantId, JSON.stringify(limits)],
  );
}

/** Reads the modelled columns back, in the order of `runs`. */
export async function readRuns(client: pg.PoolClient, runs: readonly RandomRun[]): Promise<RandomRun[]> {
  const offset = (name: string) => `(extract(epoch FROM ${name} - now()) * 1000)::float8 AS ${name}`;
  const { rows } = await client.query<RandomRun>(
    `SELECT run_id, thread_id, thread_order::int AS thread_order, status, attempt, crashes, retries, dispatch, worker_id,
       cancel_action, cancel_reason, ${offset('dispatched_at')}, ${offset('due_at')}, ${offset('cancel_requested_at')}
     FROM run JOIN unnest($1::uuid[]) WITH ORDINALITY AS asked(id, place) ON run_id = asked.id ORDER BY place`,
    [runs.map((run) => run.run_id)],
  );
  return rows;
}
