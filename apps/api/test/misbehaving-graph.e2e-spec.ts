import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { clientOf, collect, ownerPid, query, runRow, startStack } from './support.js';

describe('a graph that misbehaves', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startStack({ apis: 1, workers: 1 });
  }, 120_000);
  afterAll(() => stack.stop());

  it('by a rejection that nobody awaits fails its run, not the worker and not its neighbours', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const neighbour = client.runs.wait(null, 'steps', { input: { ms: 100 } });
    let runId = '';
    const seen = await collect(
      client.runs.stream(thread_id, 'rejects', { input: {}, onRunCreated: (run) => (runId = run.run_id) }),
    );
    expect(seen.at(-1)).toMatchObject({
      event: 'error',
      data: { error: 'RangeError', message: 'nobody awaits me' },
    });
    expect(await runRow(stack, runId)).toMatchObject({ status: 'error', attempt: 1 });
    expect(await neighbour).toMatchObject({ log: expect.arrayContaining(['step7']) });
    expect(stack.readStack().workers).toEqual(stack.info.workers);
  }, 30_000);

  it('by blocking the event loop for 5 s is not taken for dead: its run is not rescued', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    let runId = '';
    await collect(
      client.runs.stream(thread_id, 'blocks', {
        input: { ms: 5_000 },
        streamMode: 'custom',
        onRunCreated: (run) => (runId = run.run_id),
      }),
    );
    expect(await runRow(stack, runId)).toEqual({ status: 'success', attempt: 1, crashes: 0 });
  }, 30_000);

  it('by killing its process takes two workers with it, and not a third: its neighbours succeed', async () => {
    const client = clientOf(stack);
    const start = async (assistant: string, ms: number) => {
      const { thread_id } = await client.threads.create();
      return client.runs.create(thread_id, assistant, { input: { ms } });
    };
    const neighbours = await Promise.all([1, 2, 3].map(() => start('steps', 400)));
    await waitUntil(async () => {
      const rows = await Promise.all(neighbours.map((run) => runRow(stack, run.run_id)));
      return rows.every((row) => row?.status === 'running');
    });
    const poison = await start('poison', 0);
    await expect(client.runs.join(poison.thread_id, poison.run_id)).resolves.toMatchObject({
      __error__: { error: 'CrashLimitError', message: expect.stringMatching(/died 3 times/) },
    });
    for (const run of neighbours) {
      expect(await client.runs.join(run.thread_id, run.run_id)).toMatchObject({
        log: expect.arrayContaining(['step7']),
      });
    }
    // The workers that were killed, and the one that took their place.
    const [claims] = await query<{ workers: number }>(
      stack,
      `SELECT count(DISTINCT entry->>'worker')::int AS workers
        FROM run, jsonb_array_elements(history) AS entry WHERE entry->>'what' = 'claim' AND run_id = ANY($1)`,
      [[poison, ...neighbours].map((run) => run.run_id)],
    );
    expect(claims).toEqual({ workers: 3 });
  }, 60_000);

  it('is not condemned for workers that somebody else kills', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const run = await client.runs.create(thread_id, 'slow_to_load', {
      input: {},
      config: { configurable: { load_ms: 60_000 } },
    });
    const attemptRuns = (attempt: number): Promise<unknown> =>
      waitUntil(
        async () => {
          const row = await runRow(stack, run.run_id);
          return row?.status === 'running' && row.attempt === attempt;
        },
        { timeoutMs: 30_000, message: `attempt ${attempt}` },
      );
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await attemptRuns(attempt);
      process.kill(await ownerPid(stack, run.run_id), 'SIGKILL');
    }
    await attemptRuns(4);
    expect(await runRow(stack, run.run_id)).toMatchObject({ crashes: 3 });
    await client.runs.cancel(thread_id, run.run_id, true);
    expect(await runRow(stack, run.run_id)).toMatchObject({ status: 'interrupted' });
  }, 90_000);
});
