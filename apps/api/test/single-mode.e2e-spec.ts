import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { apiUrl, clientOf, collect, ids, replay, runRow, startStack, stepOf, upTo } from './support.js';

describe('single mode', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'single' });
  }, 120_000);
  afterAll(() => stack.stop());

  it('runs everything in one process, without Redis', async () => {
    expect([stack.info.apis.length, stack.info.workers, stack.info.sweepers, stack.info.redis]).toEqual([
      1,
      [],
      [],
      null,
    ]);
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const seen = await collect(client.runs.stream(thread_id, 'steps', { input: {}, streamMode: 'custom' }));
    expect(seen.map(stepOf)).toEqual([undefined, ...upTo(8)]);
    expect(await client.runs.wait(null, 'ask', { input: {} })).toHaveProperty('__interrupt__');
    const run = await client.runs.create(thread_id, 'steps', { input: { ms: 5_000 } });
    await client.runs.cancel(thread_id, run.run_id, true);
    expect((await client.runs.get(thread_id, run.run_id)).status).toBe('interrupted');
  }, 30_000);

  it('needs Postgres and nothing else, and says so', async () => {
    const ready = await fetch(`${apiUrl(stack)}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { ready: true, status: 'ok', missing: [], streaming: 'memory' },
    ]);
    const metrics = await (await fetch(`${apiUrl(stack)}/metrics`)).text();
    expect(metrics.match(/^longrun_capability_available\{.*$/gm)).toEqual([
      'longrun_capability_available{capability="postgres",service="api"} 1',
    ]);
  });

  it('goes on with its runs when the process was killed and started again', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const run = await client.runs.create(thread_id, 'steps', {
      input: { ms: 300 },
      // A step begins when the checkpoint of the one before is committed.
      durability: 'sync',
      streamMode: ['custom', 'values'],
    });
    const [api] = stack.readStack().apis;
    await collect(client.runs.joinStream(thread_id, run.run_id), (event) => {
      if (stepOf(event) === 3 && api) stack.kill(api.pid);
    }).catch(() => null);
    await stack.waitForStack(({ apis }) => apis[0] !== undefined && apis[0].pid !== api?.pid, {
      timeoutMs: 30_000,
      message: 'the process to be started again',
    });
    const restarted = clientOf({ ...stack, info: stack.readStack() });
    await restarted.runs.join(thread_id, run.run_id);
    const log = await replay(restarted, thread_id, run.run_id);
    expect(ids(log)).toEqual(upTo(log.length));
    expect(log.map(stepOf).filter((step) => step !== undefined)).toEqual([0, 1, 2, 3, 3, 4, 5, 6, 7]);
    expect(await runRow(stack, run.run_id)).toMatchObject({ status: 'success', attempt: 2 });
  }, 60_000);
});
