import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { Redis } from 'ioredis';
import { clientOf, collect, ids, replay, runRow, startStack, stepOf, upTo } from './support.js';

describe('Redis losing everything', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startStack();
  }, 120_000);
  afterAll(() => stack.stop());

  const flushAll = async () => {
    const redis = new Redis(stack.info.redis?.url ?? '');
    await redis.flushall();
    redis.disconnect();
  };

  it('costs neither the connected client nor one that resumes an event', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    let runId = '';
    let resumed: ReturnType<typeof collect> | undefined;
    const seen = await collect(
      client.runs.stream(thread_id, 'steps', {
        input: { ms: 150 },
        streamMode: ['values', 'custom'],
        onRunCreated: (run) => (runId = run.run_id),
      }),
      async (event) => {
        const step = stepOf(event);
        if (step === 2 || step === 5) await flushAll();
        if (step === 5)
          resumed = collect(clientOf(stack, 1).runs.joinStream(thread_id, runId, { lastEventId: '1' }));
      },
    );
    expect(ids(seen)).toEqual(upTo(seen.length));
    expect(ids((await resumed) ?? [])).toEqual(upTo(seen.length).slice(2));
    await flushAll();
    expect(ids(await replay(clientOf(stack, 1), thread_id, runId))).toEqual(upTo(seen.length));
    expect(await runRow(stack, runId)).toMatchObject({ status: 'success', attempt: 1 });
  }, 60_000);

  it('brings a waiting run back to the queue', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const first = await client.runs.create(thread_id, 'steps', { input: { ms: 100 } });
    const second = await client.runs.create(thread_id, 'steps', { input: { ms: 5 } });
    await flushAll();
    await client.runs.join(thread_id, second.run_id);
    for (const { run_id } of [first, second]) {
      expect(await runRow(stack, run_id)).toMatchObject({ status: 'success', attempt: 1 });
    }
  }, 60_000);
});
