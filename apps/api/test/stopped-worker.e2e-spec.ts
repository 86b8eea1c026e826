import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { clientOf, collect, ids, ownerPid, runRow, startStack, stepOf, upTo } from './support.js';

describe('a worker that is asked to stop', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startStack({ env: { DRAIN_GRACE_MS: '700' } });
  }, 120_000);
  afterAll(() => stack.stop());

  it('gives its run back after the grace period: it goes on elsewhere at once, and nothing is charged', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    let runId = '';
    let stoppedAt = 0;
    const seen = await collect(
      client.runs.stream(thread_id, 'steps', {
        input: { ms: 500 },
        streamMode: ['custom'],
        onRunCreated: (run) => (runId = run.run_id),
      }),
      async (event) => {
        if (stepOf(event) !== 2 || stoppedAt > 0) return;
        process.kill(await ownerPid(stack, runId), 'SIGTERM');
        stoppedAt = performance.now();
      },
    );
    const second = seen.find((event) => event.event === 'metadata' && event.id !== '0');
    console.log(
      `SIGTERM to first event of attempt 2: ${Math.round((second?.atMs ?? 0) - stoppedAt)} ms, 700 ms of them grace`,
    );
    expect(second?.data).toEqual({ run_id: runId, attempt: 2 });
    expect(ids(seen)).toEqual(upTo(seen.length));
    expect(await runRow(stack, runId)).toEqual({ status: 'success', attempt: 2, crashes: 0 });
    expect((await client.threads.get(thread_id)).status).toBe('idle');
  }, 60_000);

  it('finishes a run that ends within the grace period itself', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    let runId = '';
    await collect(
      client.runs.stream(thread_id, 'steps', {
        input: { ms: 40 },
        streamMode: ['custom'],
        onRunCreated: (run) => (runId = run.run_id),
      }),
      async (event) => {
        if (stepOf(event) === 1) process.kill(await ownerPid(stack, runId), 'SIGTERM');
      },
    );
    expect(await runRow(stack, runId)).toEqual({ status: 'success', attempt: 1, crashes: 0 });
  }, 60_000);
});
