import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WORKER_CONTROL } from '@longrun/contracts';
import { waitUntil } from '@longrun/testing';
import { startWorker, type WorkerUnderTest } from './worker-process.js';

interface Step {
  step: string;
  pid: number;
}

/** Longer than any test: only an end from outside ends such a step. */
const LONG_MS = 120_000;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function statusOf(worker: WorkerUnderTest, runId: string): Promise<string | undefined> {
  return (await worker.store.find(runId))?.status;
}

async function firstStep(worker: WorkerUnderTest, runId: string): Promise<Step> {
  return waitUntil(async () => (await worker.customEvents<Step>(runId))[0], {
    timeoutMs: 20_000,
    message: 'the first step',
  });
}

describe('a run whose last two attempts died with their processes', () => {
  let worker: WorkerUnderTest;
  beforeAll(async () => {
    worker = await startWorker({ ISOLATED_PROCESSES: '2', CANCEL_GRACE_MS: '20000' });
  });
  afterAll(() => worker.close());

  const succeeds = (runId: string): Promise<unknown> =>
    waitUntil(async () => (await statusOf(worker, runId)) === 'success', { timeoutMs: 20_000 });
  const pidsOf = async (runId: string): Promise<(number | undefined)[]> =>
    (await worker.customEvents<Step>(runId)).map(({ pid }) => pid);

  it('is executed in a process of its own until it has made progress, then in the worker, each step once', async () => {
    const { runId } = await worker.addRun('whereabouts', 200, 2);
    await succeeds(runId);
    const steps = await worker.customEvents<Step>(runId);
    expect(steps.map(({ step }) => step)).toEqual(['one', 'two', 'three', 'four']);
    const [first, , , last] = steps;
    expect(first?.pid).not.toBe(worker.process.pid);
    expect(last?.pid).toBe(worker.process.pid);
    const { rows } = await worker.pool.query('SELECT attempt, crashes FROM run WHERE run_id = $1', [runId]);
    expect(rows).toEqual([{ attempt: 3, crashes: 0 }]);
  });

  it.each([
    ['nothing is held against it', 0],
    ['it has crashed once, which may be anybody’s fault', 1],
  ])('is executed in the worker when %s', async (_what, crashes) => {
    const { runId } = await worker.addRun('whereabouts', 0, crashes);
    await succeeds(runId);
    expect(new Set(await pidsOf(runId))).toEqual(new Set([worker.process.pid]));
  });

  it('shares its process with no other suspect, and uses again one that a graph has left in order', async () => {
    const runs = await Promise.all([1, 2, 3, 4].map(() => worker.addRun('whereabouts', 300, 2)));
    await Promise.all(runs.map(({ runId }) => succeeds(runId)));
    const firsts = await Promise.all(runs.map(async ({ runId }) => (await pidsOf(runId))[0]));
    expect(firsts).not.toContain(worker.process.pid);
    expect(new Set(firsts).size).toBe(2);
  });

  it('ends as an error when it goes on killing its process, and harms nothing else', async () => {
    const neighbour = await worker.addRun('whereabouts', 500);
    const { runId } = await worker.addRun('poison', 0, 2);
    await waitUntil(async () => (await statusOf(worker, runId)) === 'error', { timeoutMs: 30_000 });
    await succeeds(neighbour.runId);
    expect(worker.process.exitCode ?? worker.process.signalCode).toBeNull();
    const { rows } = await worker.pool.query('SELECT attempt, error FROM run WHERE run_id = $1', [runId]);
    // The first attempt made progress before it was killed: its earlier crash is forgiven.
    expect(rows).toEqual([
      { attempt: 5, error: { error: 'CrashLimitError', message: expect.stringContaining('died 3 times') } },
    ]);
    const log = await worker.pool.query<{ seq: number; event: string }>(
      'SELECT seq::int, event FROM run_event WHERE run_id = $1 ORDER BY seq',
      [runId],
    );
    expect(log.rows.map(({ seq }) => seq)).toEqual(log.rows.map((_row, index) => index));
    expect(log.rows.slice(-2).map(({ event }) => event)).toEqual(['error', 'end']);
  });

  it('is cancelled like any other, and its process goes with it', async () => {
    const { runId, threadId } = await worker.addRun('whereabouts', LONG_MS, 2);
    const { pid } = await firstStep(worker, runId);
    expect(pid).not.toBe(worker.process.pid);
    await worker.store.cancel(runId, threadId, { action: 'interrupt', reason: 'a test' });
    await worker.tell(WORKER_CONTROL.cancelRun, { runId, attempt: 3 });
    await waitUntil(async () => (await statusOf(worker, runId)) === 'interrupted');
    await waitUntil(() => !isAlive(pid));
    const { rows } = await worker.pool.query('SELECT values FROM thread WHERE thread_id = $1', [threadId]);
    expect(rows).toEqual([{ values: { ms: LONG_MS, log: [] } }]);
  });

  it('is given back when its worker is told to stop, and its process goes with it', async () => {
    const { runId } = await worker.addRun('whereabouts', LONG_MS, 2);
    const { pid } = await firstStep(worker, runId);
    const exited = once(worker.process, 'exit');
    worker.process.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    const { rows } = await worker.pool.query('SELECT status, crashes FROM run WHERE run_id = $1', [runId]);
    expect(rows).toEqual([{ status: 'pending', crashes: 2 }]);
    expect(isAlive(pid)).toBe(false);
  });
});

describe('a suspect that blocks its process', () => {
  let worker: WorkerUnderTest;
  beforeAll(async () => {
    worker = await startWorker({ JOB_TIMEOUT_SECONDS: '4' });
  });
  afterAll(() => worker.close());

  it('is ended by the job timeout, without its worker, which goes on', async () => {
    const { runId } = await worker.addRun('blocks', LONG_MS, 2);
    await waitUntil(async () => (await statusOf(worker, runId)) === 'timeout', { timeoutMs: 20_000 });
    const { runId: next } = await worker.addRun('whereabouts', 0);
    await waitUntil(async () => (await statusOf(worker, next)) === 'success', { timeoutMs: 10_000 });
  });

  it('does not outlive a worker that is killed', async () => {
    const { runId } = await worker.addRun('blocks_somewhere', LONG_MS, 2);
    const { pid } = await firstStep(worker, runId);
    worker.process.kill('SIGKILL');
    await waitUntil(() => !isAlive(pid), { message: 'the end of the blocked process' });
  });
});
