/**
 * One observation by a real process: whom it judges dead, and what becomes of their runs.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bullmqPrefix, runJobId, RUNS_QUEUE, type RunKwargs } from '@longrun/contracts';
import { createPool } from '@longrun/database';
import { ResilientRedisClient } from '@longrun/redis-core';
import { RunStore } from '@longrun/runs';
import { createTestDatabase } from '@longrun/test-stack';
import { startTestRedis, type TestDatabase, type TestRedis } from '@longrun/testing';
import pg from 'pg';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
/** First key of the advisory locks of workers. */
const WORKER_LOCK_CLASS = 0x4c52;
const GRAPHS = ['graph'];
const KWARGS: RunKwargs = {
  config: {},
  stream_mode: ['values'],
  subgraphs: false,
  resumable: false,
  temporary: false,
};

describe('a sweeper with --once', () => {
  let database: TestDatabase;
  let redisServer: TestRedis;
  let redis: ResilientRedisClient;
  let pool: pg.Pool;
  let store: RunStore;
  const assistantId = randomUUID();
  const sessions: pg.Client[] = [];
  let beating: NodeJS.Timeout | undefined;

  beforeAll(async () => {
    [database, redisServer] = await Promise.all([createTestDatabase(), startTestRedis()]);
    pool = createPool({ url: database.url });
    store = new RunStore(pool);
    redis = new ResilientRedisClient({ url: redisServer.url });
    await redis.init();
    await pool.query("INSERT INTO assistant (assistant_id, graph_id, name) VALUES ($1, 'graph', 'graph')", [
      assistantId,
    ]);
  });
  afterAll(async () => {
    clearInterval(beating);
    for (const session of sessions) await session.end();
    await redis.close();
    await pool.end();
    await Promise.all([database.drop(), redisServer.stop()]);
  });

  /** A worker's row and a run that it executes; `lock` says whether its session is alive. */
  const workerWithRun = async (lock: boolean): Promise<{ workerId: string; runId: string }> => {
    const workerId = randomUUID();
    const { rows } = await pool.query<{ lock_key: number }>(
      "INSERT INTO worker (worker_id, hostname, pid, lock_held, graph_ids) VALUES ($1, 'h', 1, true, $2) RETURNING lock_key",
      [workerId, GRAPHS],
    );
    if (lock) {
      const session = new pg.Client({ connectionString: database.url });
      await session.connect();
      sessions.push(session);
      await session.query('SELECT pg_advisory_lock($1, $2)', [WORKER_LOCK_CLASS, rows[0]?.lock_key]);
    }
    const run = await store.create({
      runId: randomUUID(),
      threadId: randomUUID(),
      assistantId,
      graphId: 'graph',
      multitaskStrategy: 'enqueue',
      ifThreadMissing: 'create',
      temporaryThread: false,
      afterSeconds: 0,
      priority: 0,
      metadata: {},
      threadMetadata: {},
      resolve: () => ({ kwargs: KWARGS, threadConfig: {}, metadata: {} }),
    });
    await store.claim(run.runId, workerId, GRAPHS);
    return { workerId, runId: run.runId };
  };
  const runRow = async (runId: string) => {
    const sql = 'SELECT status, crashes, dispatch FROM run WHERE run_id = $1';
    return (await pool.query<{ status: string; crashes: number; dispatch: number }>(sql, [runId])).rows[0];
  };
  const isListed = async (workerId: string) =>
    (await pool.query('SELECT 1 FROM worker WHERE worker_id = $1', [workerId])).rowCount === 1;

  it('rescues the runs of dead and frozen workers, leaves those of a living one, and exits with 0', async () => {
    const dead = await workerWithRun(false);
    const frozen = await workerWithRun(true);
    const alive = await workerWithRun(true);
    const beat = 'UPDATE worker SET beat = beat + 1, heartbeat_at = now() WHERE worker_id = $1';
    beating = setInterval(() => void pool.query(beat, [alive.workerId]).catch(() => undefined), 300);

    const child = spawn(process.execPath, [MAIN, '--once'], {
      env: {
        ...process.env,
        DATABASE_URL: database.url,
        REDIS_URL: redisServer.url,
        LEASE_MS: '3000',
        SWEEP_INTERVAL_MS: '300',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const printed = text(child.stdout);
    const [code] = (await once(child, 'exit')) as [number | null];

    expect([code, await printed]).toEqual([0, expect.stringContaining(dead.runId)]);
    expect(await printed).toMatch(
      /^Swept: 2 runs rescued, \d+ dispatched, 0 fired by crons, 0 webhooks sent, 0 threads, 0 logs and 0 items of the store removed\.$/m,
    );
    expect(await runRow(dead.runId)).toMatchObject({ status: 'pending', crashes: 1 });
    // Its lock was held: the host may be cut off, so no crash is charged.
    expect(await runRow(frozen.runId)).toMatchObject({ status: 'pending', crashes: 0 });
    expect(await runRow(alive.runId)).toMatchObject({ status: 'running', crashes: 0 });
    expect(await Promise.all([dead, frozen, alive].map((worker) => isListed(worker.workerId)))).toEqual([
      false,
      false,
      true,
    ]);
    for (const { runId } of [dead, frozen]) {
      const job = runJobId(runId, (await runRow(runId))?.dispatch ?? 0);
      expect(await redis.exists(`${bullmqPrefix('')}:${RUNS_QUEUE}:${job}`)).toBe(1);
    }
    // It leaves no trace of its own that would keep workers from taking over.
    expect((await pool.query('SELECT 1 FROM sweeper')).rowCount).toBe(0);
  });

  it('says why it could not, and exits with 1', async () => {
    const child = spawn(process.execPath, [MAIN, '--once'], {
      env: { ...process.env, DATABASE_URL: 'postgresql://127.0.0.1:1/nobody' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed = text(child.stderr);
    const [code] = (await once(child, 'exit')) as [number | null];
    expect([code, await printed]).toEqual([1, expect.stringMatching(/^The sweep failed: .*ECONNREFUSED/)]);
  });
});
