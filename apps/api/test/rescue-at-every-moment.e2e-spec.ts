import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import pg from 'pg';
import {
  clientOf,
  collect,
  ids,
  ownerPid,
  query,
  replay,
  runRow,
  startStack,
  stepOf,
  upTo,
} from './support.js';

const ALL_STEPS = upTo(8).map((step) => `step${step}`);

describe('a run whose worker is killed', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startStack({ workers: 3 });
  }, 120_000);
  afterAll(() => stack.stop());

  const kill = async (runId: string) => process.kill(await ownerPid(stack, runId), 'SIGKILL');

  /**
   * Keeps every run of the thread from ending while `during` goes on: its worker has done all but that. The statement that ends it may be in
   * Postgres by then, and would be executed also without its worker: its session ends too, as when the machine of the worker is gone.
   */
  async function withoutEnd<T>(threadId: string, during: () => Promise<T>): Promise<T> {
    const holder = new pg.Client({ connectionString: stack.info.postgres.url });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM thread WHERE thread_id = $1 FOR UPDATE', [threadId]);
    try {
      const result = await during();
      await holder.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))',
      );
      return result;
    } finally {
      await holder.query('ROLLBACK');
      await holder.end();
    }
  }

  /** True when the thread has a checkpoint after so many steps. */
  const savedStep = (step: number) => async (threadId: string) => {
    const [row] = await query<{ saved: boolean }>(
      stack,
      `SELECT max((metadata ->> 'step')::int) >= $2 AS saved FROM langgraph.checkpoints
       WHERE thread_id = $1 AND checkpoint_ns = ''`,
      [threadId, step],
    );
    return row?.saved === true;
  };

  /** True when the thread has so many questions in its checkpoints, answered or not. */
  const savedQuestions = (count: number) => async (threadId: string) => {
    const rows = await query(
      stack,
      "SELECT 1 FROM langgraph.checkpoint_writes WHERE thread_id = $1 AND channel = '__interrupt__'",
      [threadId],
    );
    return rows.length >= count;
  };

  /**
   * Starts a run whose end is held up, kills its worker once the moment is saved, and waits for the run's end. The run is
   * delayed, so that its thread is locked before it can end.
   */
  async function killBeforeEnd(
    threadId: string,
    create: (delay: { afterSeconds: number }) => Promise<{ run_id: string }>,
    isReached: (threadId: string) => Promise<boolean>,
  ): Promise<string> {
    const { run_id: runId } = await create({ afterSeconds: 1 });
    await withoutEnd(threadId, async () => {
      await waitUntil(() => isReached(threadId), { timeoutMs: 10_000, message: 'the moment to be saved' });
      await kill(runId);
    });
    await clientOf(stack).runs.join(threadId, runId);
    return runId;
  }

  it('before its first checkpoint begins again with its input, applied once', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const run = await client.runs.create(thread_id, 'slow_to_load', {
      input: { log: ['input'] },
      config: { configurable: { load_ms: 1_000 } },
    });
    await waitUntil(async () => (await runRow(stack, run.run_id))?.status === 'running', {
      timeoutMs: 10_000,
      message: 'claimed',
    });
    await kill(run.run_id);
    const values = (await client.runs.join(thread_id, run.run_id)) as unknown as { log: string[] };
    expect(values.log).toEqual(['input', ...ALL_STEPS]);
    expect(await runRow(stack, run.run_id)).toMatchObject({ status: 'success', attempt: 2 });
  }, 60_000);

  it('in the middle of a step, on a thread with history, applies its input once and repeats that step only', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    await client.runs.wait(thread_id, 'steps', { input: { log: ['earlier'], ms: 1 } });
    let runId = '';
    let killed = false;
    const seen = await collect(
      client.runs.stream(thread_id, 'steps', {
        input: { log: ['input'], ms: 300 },
        // A step begins when the checkpoint of the one before is committed.
        durability: 'sync',
        streamMode: ['custom', 'values'],
        onRunCreated: (run) => (runId = run.run_id),
      }),
      async (event) => {
        if (stepOf(event) !== 5 || killed) return;
        killed = true;
        await kill(runId);
      },
    );
    expect(seen.map(stepOf).filter((step) => step !== undefined)).toEqual([0, 1, 2, 3, 4, 5, 5, 6, 7]);
    expect(seen.at(-1)?.data).toMatchObject({ log: ['earlier', ...ALL_STEPS, 'input', ...ALL_STEPS] });
    expect(ids(seen)).toEqual(upTo(seen.length));
  }, 60_000);

  it('after its last step is finished from its state and executes nothing', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const runId = await killBeforeEnd(
      thread_id,
      (delay) =>
        client.runs.create(thread_id, 'steps', {
          ...delay,
          input: { log: ['input'], ms: 60 },
          streamMode: ['values', 'custom'],
        }),
      savedStep(8),
    );
    const log = await replay(client, thread_id, runId);
    expect(log.map(stepOf).filter((step) => step !== undefined)).toEqual(upTo(8));
    expect(await client.threads.getState(thread_id)).toMatchObject({
      values: { log: ['input', ...ALL_STEPS] },
      next: [],
    });
    expect(await runRow(stack, runId)).toMatchObject({ status: 'success', attempt: 2 });
  }, 60_000);

  it('at an interrupt still waits for the answer', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const runId = await killBeforeEnd(
      thread_id,
      (delay) =>
        client.runs.create(thread_id, 'ask', {
          ...delay,
          input: { ms: 100 },
          streamMode: ['values', 'updates'],
        }),
      savedQuestions(1),
    );
    expect(await runRow(stack, runId)).toMatchObject({ status: 'success', attempt: 2 });
    const thread = await client.threads.get(thread_id);
    expect(thread.status).toBe('interrupted');
    expect(Object.values(thread.interrupts).flat()).toMatchObject([{ value: 'first?' }]);
    expect((await client.threads.getState(thread_id)).next).toEqual(['first']);
  }, 60_000);

  it('after an answer gives it once, and answers no other question with it', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    await client.runs.wait(thread_id, 'ask', { input: { ms: 400 } });
    const runId = await killBeforeEnd(
      thread_id,
      (delay) =>
        client.runs.create(thread_id, 'ask', {
          ...delay,
          command: { resume: 'yes' },
          streamMode: ['values', 'updates'],
        }),
      savedQuestions(2),
    );
    expect(await runRow(stack, runId)).toMatchObject({ status: 'success', attempt: 2 });
    expect(await client.threads.getState(thread_id)).toMatchObject({
      values: { log: ['first:yes'] },
      next: ['second'],
    });
    const last = await client.runs.wait(thread_id, 'ask', { command: { resume: 'no' } });
    expect(last).toMatchObject({ log: ['first:yes', 'second:no', 'acted'] });
  }, 60_000);

  it('in the step after an answer keeps the answer', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    await client.runs.wait(thread_id, 'ask', { input: { ms: 400 } });
    await client.runs.wait(thread_id, 'ask', { command: { resume: 'a' } });
    let runId = '';
    let killed = false;
    const seen = await collect(
      client.runs.stream(thread_id, 'ask', {
        command: { resume: 'b' },
        streamMode: ['custom', 'values'],
        onRunCreated: (run) => (runId = run.run_id),
      }),
      async (event) => {
        if (event.event !== 'custom' || killed) return;
        killed = true;
        await kill(runId);
      },
    );
    expect(seen.at(-1)?.data).toMatchObject({ log: ['first:a', 'second:b', 'acted'] });
    expect(await runRow(stack, runId)).toMatchObject({ status: 'success', attempt: 2 });
  }, 60_000);

  it('at a breakpoint does not walk through it', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const runId = await killBeforeEnd(
      thread_id,
      (delay) =>
        client.runs.create(thread_id, 'steps', {
          ...delay,
          input: { log: ['input'], ms: 60 },
          interruptBefore: ['step4'],
          streamMode: ['values', 'custom'],
        }),
      savedStep(4),
    );
    expect(await runRow(stack, runId)).toMatchObject({ status: 'success', attempt: 2 });
    const log = await replay(client, thread_id, runId);
    expect(log.map(stepOf).filter((step) => step !== undefined)).toEqual([0, 1, 2, 3]);
    const state = await client.threads.getState<{ log: string[] }>(thread_id);
    expect([state.values.log, state.next]).toEqual([['input', ...ALL_STEPS.slice(0, 4)], ['step4']]);
  }, 60_000);
});
