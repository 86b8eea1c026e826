import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WORKER_CONTROL, type WorkerStatus } from '@longrun/contracts';
import { askRedis, startTestRedis, waitUntil } from '@longrun/testing';
import { failToStart, GRAPHS_CONFIG, startWorker, type WorkerUnderTest } from './worker-process.js';

/** Longer than any test: only a cancel ends such a step. */
const LONG_MS = 120_000;

describe('a worker process', () => {
  let worker: WorkerUnderTest;
  beforeAll(async () => {
    worker = await startWorker();
  });
  afterAll(() => worker.close());

  const hasEnded = async (runId: string): Promise<boolean> =>
    (await worker.store.find(runId))?.status === 'interrupted';
  const beat = async (): Promise<number> =>
    (await worker.pool.query<{ beat: number }>('SELECT beat::int FROM worker')).rows[0]?.beat ?? 0;

  it('says that it is ready, under its id and with its address', async () => {
    expect(worker.ready).toEqual({
      type: 'ready',
      id: expect.any(String),
      url: expect.stringMatching(/^http:/),
    });
    const { rows } = await worker.pool.query('SELECT worker_id, pid, lock_held FROM worker');
    expect(rows).toEqual([{ worker_id: worker.ready.id, pid: worker.process.pid, lock_held: true }]);
  });

  it('answers probes and Prometheus', async () => {
    const ready = await fetch(`${worker.ready.url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { ready: true, status: 'degraded', missing: ['sweeper'], streaming: 'redis' },
    ]);
    const metrics = await (await fetch(`${worker.ready.url}/metrics`)).text();
    for (const line of [
      /^longrun_active_runs\{service="worker"\} 0$/m,
      /^longrun_redis_available\{.*\} 1$/m,
    ]) {
      expect(metrics).toMatch(line);
    }
    expect(Number(/^longrun_heartbeat_unconfirmed_seconds\{.*\} (.*)$/m.exec(metrics)?.[1])).toBeLessThan(8);
  });

  it('tells over its control channel which runs it executes, and ends a cancelled one within a second of the message', async () => {
    const { runId, threadId } = await worker.startRun(LONG_MS);
    const runs = [{ runId, attempt: 1 }];
    expect(await worker.ask<WorkerStatus>(WORKER_CONTROL.status)).toEqual({
      workerId: worker.ready.id,
      state: 'active',
      runs,
    });
    // Right after a beat, so that the next one cannot be what ends the run in time.
    const before = await beat();
    await waitUntil(async () => (await beat()) > before);
    const cancelledAt = performance.now();
    await worker.store.cancel(runId, threadId, { action: 'interrupt', reason: 'a test' });
    await worker.tell(WORKER_CONTROL.cancelRun, { runId, attempt: 1 });
    await waitUntil(() => hasEnded(runId));
    expect(performance.now() - cancelledAt).toBeLessThan(1_000);
    const { rows } = await worker.pool.query(
      'SELECT event FROM run_event WHERE run_id = $1 ORDER BY seq DESC LIMIT 1',
      [runId],
    );
    expect(rows).toEqual([{ event: 'end' }]);
  });

  it('ignores a cancel that Postgres knows nothing of, one of another attempt, and messages that are none', async () => {
    const { runId, threadId } = await worker.startRun(LONG_MS);
    await worker.tell(WORKER_CONTROL.cancelRun, { runId, attempt: 1 });
    const before = await beat();
    await waitUntil(async () => (await beat()) >= before + 2);
    await worker.tell(WORKER_CONTROL.cancelRun, { runId, attempt: 2 });
    await worker.tell('no.such.pattern', {});
    const status = await worker.ask<WorkerStatus>(WORKER_CONTROL.status);
    expect(status.runs).toEqual([{ runId, attempt: 1 }]);
    await worker.store.cancel(runId, threadId, { action: 'interrupt', reason: 'a test' });
    await worker.tell(WORKER_CONTROL.cancelRun, { runId, attempt: 1 });
    await waitUntil(() => hasEnded(runId));
  });

  it('acts within 2.5 s on a cancel that is only in Postgres', async () => {
    const { runId, threadId } = await worker.startRun(LONG_MS);
    const cancelledAt = performance.now();
    await worker.store.cancel(runId, threadId, { action: 'interrupt', reason: 'a test' });
    await waitUntil(() => hasEnded(runId));
    expect(performance.now() - cancelledAt).toBeLessThan(2_500);
  });

  it('asks a Redis that has no memory for jobs only now and then, and executes runs all the same', async () => {
    const starved = await startWorker({}, ['--maxmemory', '1']);
    try {
      const refused = async (): Promise<number> => {
        const stats = String(await askRedis(starved.redisPort, 'INFO', 'commandstats'));
        return Number(/^cmdstat_evalsha:.*failed_calls=(\d+)/m.exec(stats)?.[1] ?? 0);
      };
      const { runId } = await starved.addRun('steps', 100);
      await waitUntil(async () => (await starved.store.find(runId))?.status === 'success');
      const count = await refused();
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThan(50);
    } finally {
      await starved.close();
    }
  });

  it('hands a job that it still fetches while it drains back to the queue, for another worker', async () => {
    const stopping = await startWorker();
    try {
      // Holds the worker in its grace period.
      await stopping.startRun(LONG_MS);
      const exited = once(stopping.process, 'exit');
      stopping.process.kill('SIGTERM');
      await waitUntil(async () => {
        const { rows } = await stopping.pool.query("SELECT 1 FROM worker WHERE state = 'draining'");
        return rows.length === 1;
      });
      const { runId } = await stopping.addRun('steps', 1);
      await exited;
      expect((await stopping.store.find(runId))?.status).toBe('pending');
      // This one, and the one that was given back at the end of the grace period.
      expect(await stopping.waitingJobs()).toBe(2);
    } finally {
      await stopping.close();
    }
  });

  it('gives its run back and leaves no row when it is told to drain', async () => {
    const { runId } = await worker.startRun(LONG_MS);
    const exited = once(worker.process, 'exit');
    await worker.tell(WORKER_CONTROL.drain, null);
    expect(await exited).toEqual([0, null]);
    const { rows } = await worker.pool.query('SELECT status, crashes FROM run WHERE run_id = $1', [runId]);
    expect(rows).toEqual([{ status: 'pending', crashes: 0 }]);
    expect((await worker.pool.query('SELECT 1 FROM worker')).rowCount).toBe(0);
  });
});

describe('a worker that is configured wrongly', () => {
  it('names every wrong variable and exits with 1', async () => {
    const env = {
      DATABASE_URL: 'mysql://user:hunter2@host',
      N_JOBS_PER_WORKER: '0',
      LOG_LEVEL: 'loud',
      JOB_TIMEOUT_SECONDS: '1h',
    };
    const { code, message } = await failToStart(env);
    expect(code).toBe(1);
    for (const name of Object.keys(env)) expect(message).toContain(`  - ${name} `);
    expect(message).not.toMatch(/hunter2|\n\s+at /);
  });

  it('says what it needs when Redis or the graphs are missing', async () => {
    const env = { DATABASE_URL: 'postgresql://localhost/x', REDIS_URL: '', LANGGRAPH_CONFIG_PATH: '' };
    const { code, message } = await failToStart(env);
    expect([code, message]).toEqual([
      1,
      expect.stringContaining('needs REDIS_URL and LANGGRAPH_CONFIG_PATH'),
    ]);
  });

  it('does not start on a Redis that may lose queue entries, and says how to change that', async () => {
    const redis = await startTestRedis({ serverArguments: ['--maxmemory-policy', 'allkeys-lru'] });
    try {
      const { code, message } = await failToStart({
        DATABASE_URL: 'postgresql://localhost/x',
        REDIS_URL: redis.url,
        LANGGRAPH_CONFIG_PATH: GRAPHS_CONFIG,
      });
      expect(message).toContain('CONFIG SET maxmemory-policy noeviction');
      expect(message).not.toMatch(/\n\s+at /);
      expect(code).toBe(1);
    } finally {
      await redis.stop();
    }
  });
});
