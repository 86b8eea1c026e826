import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { startTestRedis, type TestRedis } from '@longrun/testing';
import { clientOf, collect, ids, runRow, startStack, stepOf, upTo } from './support.js';

describe('Redis being away', () => {
  let redis: TestRedis;
  let stack: TestStack;
  beforeAll(async () => {
    redis = await startTestRedis();
    stack = await startStack({ redisUrl: redis.url });
  }, 120_000);
  afterAll(async () => {
    await stack.stop();
    await redis.stop();
  });

  it('stops neither a stream nor new runs, and runs nothing twice when it is back', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    let runId = '';
    const started: { run_id: string; thread_id: string }[] = [];
    const seen = await collect(
      client.runs.stream(thread_id, 'steps', {
        input: { ms: 250 },
        streamMode: ['custom'],
        onRunCreated: (run) => (runId = run.run_id),
      }),
      async (event) => {
        if (stepOf(event) === 1) await redis.kill();
        if (stepOf(event) === 3) {
          for (let i = 0; i < 5; i += 1) {
            const thread = await client.threads.create();
            started.push(await client.runs.create(thread.thread_id, 'steps', { input: {} }));
          }
        }
        if (stepOf(event) === 6) await redis.restart();
      },
    );
    expect(ids(seen)).toEqual(upTo(seen.length));
    expect(seen.map(stepOf).filter((step) => step !== undefined)).toEqual(upTo(8));
    for (const run of started) await client.runs.join(run.thread_id, run.run_id);
    for (const run of [...started, { run_id: runId }]) {
      expect(await runRow(stack, run.run_id)).toMatchObject({ status: 'success', attempt: 1 });
    }
    expect(await client.runs.wait(null, 'steps', { input: {} })).toMatchObject({
      log: expect.arrayContaining(['step7']),
    });
  }, 60_000);
});
