/**
 * The heartbeat in its own thread, on a real Postgres. Imported as built: the thread is started from its own file.
 */
import { randomUUID } from 'node:crypto';
import { sessionSettings } from '@longrun/database';
import { waitUntil } from '@longrun/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Heartbeat,
  RunExecutor,
  type GraphEngine,
  type RunExecutorOptions,
  type RunStore,
} from '../dist/index.js';
import { createFixture, GRAPHS, type Fixture } from './fixture.js';

const LOCKS = `SELECT worker.worker_id FROM worker JOIN pg_locks ON locktype = 'advisory' AND granted AND objsubid = 2
  AND classid = ${0x4c52} AND objid = worker.lock_key::oid
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

describe('Heartbeat', () => {
  let fixture: Fixture;
  const started: Heartbeat[] = [];
  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterEach(async () => {
    for (const heartbeat of started.splice(0)) await heartbeat.stop();
  });
  afterAll(() => fixture.close());

  const start = async (): Promise<Heartbeat> => {
    const session = sessionSettings({ url: fixture.url });
    const heartbeat = new Heartbeat({ session, workerId: randomUUID(), graphIds: GRAPHS, intervalMs: 50 });
    started.push(heartbeat);
    await heartbeat.start();
    return heartbeat;
  };
  const rowOf = async (workerId: string) => {
    const sql =
      'SELECT beat::int, lock_held, lock_key, state, graph_ids, pid FROM worker WHERE worker_id = $1';
    return (
      await fixture.pool.query<{ beat: number; lock_held: boolean; lock_key: number; state: string }>(sql, [
        workerId,
      ])
    ).rows[0];
  };
  const lockHolders = async (): Promise<string[]> =>
    (await fixture.pool.query<{ worker_id: string }>(LOCKS)).rows.map((row) => row.worker_id);

  it('registers the worker with its lock, and its beat grows', async () => {
    const heartbeat = await start();
    const { workerId } = heartbeat;
    const first = await rowOf(workerId);
    expect(first).toMatchObject({ lock_held: true, state: 'active', graph_ids: GRAPHS, pid: process.pid });
    expect(await lockHolders()).toContain(workerId);
    expect([heartbeat.isConfirmed, heartbeat.unconfirmedMs < 8_000]).toEqual([true, true]);
    await waitUntil(async () => ((await rowOf(workerId))?.beat ?? 0) > (first?.beat ?? 0));
    heartbeat.setState('draining');
    await waitUntil(async () => (await rowOf(workerId))?.state === 'draining');
  });

  it('leaves neither row nor lock when it stops', async () => {
    const heartbeat = await start();
    const lockKey = (await rowOf(heartbeat.workerId))?.lock_key;
    await heartbeat.stop();
    expect(await rowOf(heartbeat.workerId)).toBeUndefined();
    const { rows } = await fixture.pool.query(`SELECT pg_try_advisory_xact_lock(${0x4c52}, $1) AS free`, [
      lockKey,
    ]);
    expect(rows).toEqual([{ free: true }]);
  });

  it('registers again when its row was deleted, takes the lock of the new row, and says so', async () => {
    const heartbeat = await start();
    const { workerId } = heartbeat;
    const before = await rowOf(workerId);
    const regained = new Promise<void>((resolve) => heartbeat.on('regained', resolve));
    await fixture.pool.query('DELETE FROM worker WHERE worker_id = $1', [workerId]);
    await regained;
    const row = await rowOf(workerId);
    expect(row).toMatchObject({ lock_held: true });
    expect(row?.lock_key).not.toBe(before?.lock_key);
    // No verdict on the row that was deleted fits the new one.
    expect(row?.beat).toBeGreaterThan(before?.beat ?? Infinity);
    expect(await lockHolders()).toContain(workerId);
  });

  it('comes back on a new session, with the lock, when its session is ended', async () => {
    const heartbeat = await start();
    const { workerId } = heartbeat;
    const backend = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = ${0x4c52} AND objid = $1::oid`;
    const lockKey = (await rowOf(workerId))?.lock_key;
    const pidOf = async () => (await fixture.pool.query<{ pid: number }>(backend, [lockKey])).rows[0]?.pid;
    const before = await pidOf();
    await fixture.pool.query('SELECT pg_terminate_backend($1)', [before]);
    const after = await waitUntil(async () => {
      const pid = await pidOf();
      return pid !== before && pid;
    });
    expect(after).toBeGreaterThan(0);
    await waitUntil(async () => (await rowOf(workerId))?.lock_held);
  });

  it('tells the runs that Postgres says the worker holds, with their cancel marks', async () => {
    const heartbeat = await start();
    const { runId, threadId } = await fixture.create();
    await fixture.store.claim(runId, heartbeat.workerId, GRAPHS);
    let held: readonly unknown[] = [];
    heartbeat.on('held', (runs) => (held = runs));
    await waitUntil(() => held.length > 0);
    expect(held).toEqual([{ runId, attempt: 1, cancelled: false }]);
    await fixture.store.cancel(runId, threadId, { action: 'interrupt', reason: 'a test' });
    await waitUntil(() => (held[0] as { cancelled: boolean }).cancelled);
  });

  it('is not drained while a claim is under way: what it brings is given back first', async () => {
    const heartbeat = await start();
    const { runId } = await fixture.create();
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    // The claim stands in Postgres, and its answer is late.
    const store = Object.assign(Object.create(fixture.store) as RunStore, {
      claim: async (...claim: Parameters<RunStore['claim']>) => {
        const run = await fixture.store.claim(...claim);
        await answered;
        return run;
      },
    });
    const appender = {
      signal: new AbortController().signal,
      append: async () => undefined,
      flush: async () => undefined,
    };
    const executor = new RunExecutor({
      store,
      heartbeat,
      engine: { graphIds: GRAPHS } as unknown as GraphEngine,
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      queue: { enqueue: async () => undefined },
      bus: { publish: () => undefined, tellThread: () => undefined },
      writer: { open: () => appender },
    } as unknown as RunExecutorOptions);
    const processed = executor.process(runId);
    await waitUntil(async () => (await fixture.store.find(runId))?.status === 'running');
    let isDrained = false;
    const drained = executor.drain(0).then(() => (isDrained = true));
    answer();
    expect(isDrained).toBe(false);
    await drained;
    expect((await fixture.store.find(runId))?.status).toBe('pending');
    expect(await processed).toBe(true);
  });

  it('lets the executor give back a run that is held and not executed, and end one that is cancelled', async () => {
    const heartbeat = await start();
    const lost = await fixture.create();
    const cancelled = await fixture.create();
    const dispatched: string[] = [];
    const engine = { graphIds: GRAPHS } as unknown as GraphEngine;
    const log = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    };
    const queue = {
      enqueue: async (runs: { runId: string }[]) => void dispatched.push(...runs.map((run) => run.runId)),
    };
    const bus = { publish: () => undefined };
    const options = {
      store: fixture.store,
      heartbeat,
      engine,
      log,
      queue,
      bus,
    } as unknown as RunExecutorOptions;
    const executor = new RunExecutor(options);
    // As after a claim whose answer was lost: the row names this worker, and nothing here executes it.
    for (const run of [lost, cancelled]) await fixture.store.claim(run.runId, heartbeat.workerId, GRAPHS);
    await fixture.store.cancel(cancelled.runId, cancelled.threadId, {
      action: 'interrupt',
      reason: 'a test',
    });
    const claimedAt = performance.now();
    await waitUntil(async () => (await fixture.store.find(lost.runId))?.status === 'pending');
    expect(performance.now() - claimedAt).toBeGreaterThan(2_500);
    await waitUntil(async () => (await fixture.store.find(cancelled.runId))?.status === 'interrupted');
    await waitUntil(() => dispatched.includes(lost.runId));
    const { rows } = await fixture.pool.query('SELECT crashes, attempt FROM run WHERE run_id = $1', [
      lost.runId,
    ]);
    expect(rows).toEqual([{ crashes: 0, attempt: 1 }]);
    expect(executor.activeCount).toBe(0);
  });
});
