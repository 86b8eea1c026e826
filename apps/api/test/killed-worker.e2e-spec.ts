import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import {
  apiUrl,
  clientOf,
  collect,
  ids,
  longrun,
  ownerPid,
  replay,
  runRow,
  startStack,
  stepOf,
  upTo,
} from './support.js';

describe('a worker killed in the middle of a run', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startStack();
  }, 120_000);
  afterAll(() => stack.stop());

  it('costs no event: another worker goes on from the checkpoint, and every reader reads the same log', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    let runId = '';
    let killedAt = 0;
    const stream = client.runs.stream(thread_id, 'steps', {
      input: { ms: 300 },
      streamMode: ['values', 'custom'],
      onRunCreated: (run) => (runId = run.run_id),
    });
    let other: ReturnType<typeof collect> | undefined;
    const seen = await collect(stream, async (event) => {
      if (stepOf(event) !== 3 || killedAt > 0) return;
      other = collect(clientOf(stack, 1).runs.joinStream(thread_id, runId, { lastEventId: '2' }));
      const pid = await ownerPid(stack, runId);
      killedAt = performance.now();
      process.kill(pid, 'SIGKILL');
    });

    const second = seen.find(
      (event) => event.event === 'metadata' && (event.data as { attempt: number }).attempt === 2,
    );
    const gapMs = (second?.atMs ?? Infinity) - killedAt;
    console.log(`kill to first event of attempt 2: ${Math.round(gapMs)} ms`);
    expect(gapMs).toBeLessThan(5_000);

    expect(ids(seen)).toEqual(upTo(seen.length));
    expect(await runRow(stack, runId)).toMatchObject({ status: 'success', attempt: 2 });
    expect((await client.threads.get(thread_id)).status).toBe('idle');

    // Resumed, not restarted: the first steps ran once, and the state holds every step once. By default a step begins while
    // the checkpoint of the one before is being written, so that one may be repeated too.
    const steps = seen.map(stepOf).filter((step) => step !== undefined);
    expect(steps.slice(0, 4)).toEqual([0, 1, 2, 3]);
    const repeated = steps[4] ?? -1;
    expect([2, 3]).toContain(repeated);
    expect(steps.slice(4)).toEqual(upTo(8).slice(repeated));
    expect(seen.filter((event) => event.event === 'values').at(-1)?.data).toMatchObject({
      log: upTo(8).map((step) => `step${step}`),
    });

    const plain = ({ id, event, data }: (typeof seen)[number]) => ({ id, event, data });
    const log = seen.map(plain);
    expect((await other)?.map(plain)).toEqual(log.slice(3));
    for (const index of [0, 1]) {
      expect((await replay(clientOf(stack, index), thread_id, runId)).map(plain)).toEqual(log);
    }
    // The stream is closed at its end, not cut: a raw reader sees the same.
    const raw = await fetch(`${apiUrl(stack, 1)}/threads/${thread_id}/runs/${runId}/stream`);
    expect((await raw.text()).match(/^id: /gm)).toHaveLength(log.length);

    // And the terminal tells the story: who had it, that this worker died, who went on.
    const told = (await longrun('explain', runId, '--url', apiUrl(stack, 1))).split('\n');
    expect(told.slice(0, 3)).toEqual([
      `Run ${runId} on thread ${thread_id}: success. It ended as success.`,
      `Attempts 2, crashes 0, retries 0; ${log.length + 1} events in its log.`,
      '',
    ]);
    const line = (details: string): unknown =>
      expect.stringMatching(new RegExp(`^  \\d{4}-\\d\\d-\\d\\dT\\S+Z +\\+\\d+\\.\\d s  ${details}`));
    expect(told.slice(3)).toEqual([
      line('create   strategy=enqueue order=1$'),
      line('claim    host=\\S+ worker=\\S+ attempt=1$'),
      line('rescue   worker=\\S+ attempt=1 crashes=1$'),
      line('claim    host=\\S+ worker=\\S+ attempt=2$'),
      line('finish   status=success worker=\\S+ attempt=2$'),
    ]);
  }, 60_000);

  it('is not explained when there is no such run: the program ends with 1 and says why', async () => {
    await expect(longrun('explain', randomUUID(), '--url', apiUrl(stack))).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^longrun: .* answered 404: .*Run not found/),
    });
  });
});
