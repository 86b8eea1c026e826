/**
 * One real worker process on databases of its own, started as `longrun start` starts it, and what a test asks of it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import {
  bullmqPrefix,
  controlReplyChannel,
  RUNS_QUEUE,
  workerControlChannel,
  type ControlMessage,
  type ControlReply,
  type RunKwargs,
} from '@longrun/contracts';
import { createPool } from '@longrun/database';
import { ResilientRedisClient } from '@longrun/redis-core';
import { BullRunQueue, RunStore, type CreatedRun } from '@longrun/runs';
import { createTestDatabase } from '@longrun/test-stack';
import { askRedis, startTestRedis, waitUntil } from '@longrun/testing';
import type pg from 'pg';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
/** The graphs of the tests. */
export const GRAPHS_CONFIG = fileURLToPath(new URL('../../api/test/graphs/langgraph.json', import.meta.url));

interface ReadyMessage {
  type: string;
  id: string;
  url: string;
}

export interface WorkerUnderTest {
  ready: ReadyMessage;
  process: ChildProcess;
  redisPort: number;
  pool: pg.Pool;
  store: RunStore;
  /** Creates a run of the graph `steps` with steps of `ms`, wakes the worker and waits until it executes the run. */
  startRun(ms: number): Promise<CreatedRun>;
  /** Creates a run and wakes the worker; before it, so many attempts are said to have died. */
  addRun(graphId: string, ms: number, crashes?: number): Promise<CreatedRun>;
  /** Jobs that wait in the queue. */
  waitingJobs(): Promise<number>;
  /** Data of the custom events of a run, so far. */
  customEvents<Data>(runId: string): Promise<Data[]>;
  /** Sends a control message that is not answered. */
  tell(pattern: string, data: unknown): Promise<void>;
  /** Sends a control request until it is answered. */
  ask<Answer>(pattern: string): Promise<Answer>;
  close(): Promise<void>;
}

/**
 * @param changes settings that differ from those of a worker on its own
 * @param redisArguments given to its Redis
 */
export async function startWorker(
  changes: Record<string, string> = {},
  redisArguments: readonly string[] = [],
): Promise<WorkerUnderTest> {
  const [database, redisServer] = await Promise.all([
    createTestDatabase(),
    startTestRedis({ serverArguments: redisArguments }),
  ]);
  const pool = createPool({ url: database.url });
  const store = new RunStore(pool);
  const redis = new ResilientRedisClient({ url: redisServer.url });
  await redis.init();
  const queue = new BullRunQueue(redis, pool);
  const child = spawn(process.execPath, ['--enable-source-maps', MAIN], {
    env: workerEnvironment({
      DATABASE_URL: database.url,
      REDIS_URL: redisServer.url,
      LANGGRAPH_CONFIG_PATH: GRAPHS_CONFIG,
      HEALTH_PORT: '0',
      HOST: '127.0.0.1',
      DRAIN_GRACE_MS: '1000',
      LOG_LEVEL: 'error',
      ...changes,
    }),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const [ready] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('The worker ended before it was ready.'))),
  ])) as [ReadyMessage];

  const requesterId = randomUUID();
  const answers = new Map<string, unknown>();
  const subscription = redis.kit.subscriber.subscribe(controlReplyChannel(requesterId), (message) => {
    const reply = JSON.parse(message) as ControlReply;
    answers.set(reply.id, reply.data);
  });
  const send = async (message: ControlMessage): Promise<void> => {
    await redis.publish(workerControlChannel(ready.id), JSON.stringify(message));
  };

  const addRun = async (graphId: string, ms: number, crashes = 0): Promise<CreatedRun> => {
    const run = await createRun(store, graphId, ms);
    await pool.query('UPDATE run SET attempt = $2, crashes = $2 WHERE run_id = $1', [run.runId, crashes]);
    if (run.dispatch) await queue.enqueue([run.dispatch]);
    return run;
  };

  return {
    ready,
    process: child,
    redisPort: redisServer.port,
    pool,
    store,
    addRun,
    waitingJobs: async () =>
      Number(await askRedis(redisServer.port, 'LLEN', `${bullmqPrefix('')}:${RUNS_QUEUE}:wait`)),
    customEvents: async <Data>(runId: string) => {
      const { rows } = await pool.query<{ data: string }>(
        "SELECT data FROM run_event WHERE run_id = $1 AND event = 'custom' ORDER BY seq",
        [runId],
      );
      return rows.map((row) => JSON.parse(row.data) as Data);
    },
    startRun: async (ms) => {
      const run = await addRun('steps', ms);
      await waitUntil(async () => (await store.find(run.runId))?.status === 'running');
      return run;
    },
    tell: (pattern, data) => send({ pattern, data }),
    ask: async <Answer>(pattern: string) => {
      const id = randomUUID();
      return waitUntil(
        async () => {
          await send({ pattern, data: null, id, replyTo: controlReplyChannel(requesterId) });
          return answers.get(id) as Answer | undefined;
        },
        { message: `an answer to ${pattern}` },
      );
    },
    close: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
      subscription.unsubscribe();
      await queue.close();
      await redis.close();
      await pool.end();
      await Promise.all([database.drop(), redisServer.stop()]);
    },
  };
}

/** How a worker ends that cannot start with these variables, and what it says. */
export async function failToStart(
  env: Record<string, string>,
): Promise<{ code: number | null; message: string }> {
  const child = spawn(process.execPath, [MAIN], {
    env: workerEnvironment(env),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [message, [code]] = await Promise.all([
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, message };
}

function workerEnvironment(changes: Record<string, string>): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _ours, ...env } = process.env;
  return { ...env, ...changes };
}

async function createRun(store: RunStore, graphId: string, ms: number): Promise<CreatedRun> {
  const assistantId = randomUUID();
  await store.pool.query('INSERT INTO assistant (assistant_id, graph_id, name) VALUES ($1, $2, $2)', [
    assistantId,
    graphId,
  ]);
  const kwargs: RunKwargs = {
    input: { ms },
    config: {},
    stream_mode: ['custom'],
    subgraphs: false,
    resumable: false,
    temporary: false,
  };
  return store.create({
    runId: randomUUID(),
    threadId: randomUUID(),
    assistantId,
    graphId,
    multitaskStrategy: 'enqueue',
    ifThreadMissing: 'create',
    temporaryThread: false,
    afterSeconds: 0,
    priority: 0,
    metadata: {},
    threadMetadata: {},
    resolve: () => ({ kwargs, threadConfig: {}, metadata: {} }),
  });
}
