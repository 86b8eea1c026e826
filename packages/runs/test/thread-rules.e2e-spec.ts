import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFixture, GRAPHS, type Fixture } from './fixture.js';

describe('the rules of a thread', () => {
  let fixture: Fixture;
  const worker = randomUUID();
  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterAll(() => fixture.close());

  it('refuses a second run with reject and writes nothing', async () => {
    const { threadId } = await fixture.create();
    const runId = randomUUID();
    await expect(fixture.create({ threadId, runId, multitaskStrategy: 'reject' })).rejects.toMatchObject({
      code: 'THREAD_BUSY',
      status: 409,
    });
    expect(await fixture.store.find(runId)).toBeNull();
  });

  it('lets exactly one of 20 simultaneous rejecting runs through', async () => {
    const { threadId } = await fixture.create();
    const [first] = await fixture.store.findWaiting(GRAPHS, 1_000);
    expect(first).toBeDefined();
    const free = randomUUID();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => fixture.create({ threadId: free, multitaskStrategy: 'reject' })),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(threadId).not.toBe(free);
  });

  it('runs enqueued runs one at a time, in the order of their creation', async () => {
    const first = await fixture.create();
    const { threadId } = first;
    const second = await fixture.create({ threadId });
    const third = await fixture.create({ threadId });
    expect([first.dispatch !== null, second.dispatch, third.dispatch]).toEqual([true, null, null]);
    expect(await fixture.store.claim(third.runId, worker, GRAPHS)).toBeNull();
    expect(await fixture.store.claim(second.runId, worker, GRAPHS)).toBeNull();
    const claimed = await fixture.store.claim(first.runId, worker, GRAPHS);
    expect(claimed?.attempt).toBe(1);
    expect(await fixture.store.claim(second.runId, worker, GRAPHS)).toBeNull();
    const finished = await fixture.store.finish({
      runId: first.runId,
      threadId,
      attempt: 1,
      end: { status: 'success' },
    });
    expect(finished?.next[0]?.runId).toBe(second.runId);
    expect(await fixture.store.claim(third.runId, worker, GRAPHS)).toBeNull();
    expect((await fixture.store.claim(second.runId, worker, GRAPHS))?.attempt).toBe(1);
  });

  it('gives 20 simultaneous runs of a thread 20 different places', async () => {
    const threadId = randomUUID();
    await Promise.all(Array.from({ length: 20 }, () => fixture.create({ threadId })));
    const { rows } = await fixture.pool.query<{ thread_order: string }>(
      'SELECT thread_order FROM run WHERE thread_id = $1 ORDER BY thread_order',
      [threadId],
    );
    expect(rows.map((row) => Number(row.thread_order))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('lets one of many simultaneous claims of a run win', async () => {
    const { runId } = await fixture.create();
    const claims = await Promise.all(
      Array.from({ length: 15 }, () => fixture.store.claim(runId, randomUUID(), GRAPHS)),
    );
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  });

  it('ends waiting runs and marks the running one with interrupt', async () => {
    const running = await fixture.create();
    const { threadId } = running;
    await fixture.store.claim(running.runId, worker, GRAPHS);
    const waiting = await fixture.create({ threadId });
    const next = await fixture.create({ threadId, multitaskStrategy: 'interrupt' });
    expect(next.ended.map((run) => run.runId)).toEqual([waiting.runId]);
    expect(next.marked).toEqual([{ runId: running.runId, attempt: 1, workerId: worker }]);
    expect((await fixture.store.find(running.runId))?.cancel_requested).toBe(true);
    expect((await fixture.log(waiting.runId)).map((event) => event.event)).toEqual(['end']);
    const { rows } = await fixture.pool.query('SELECT status FROM thread WHERE thread_id = $1', [threadId]);
    expect(rows).toEqual([{ status: 'busy' }]);
  });

  it('does not let a delayed run hold up a later one', async () => {
    const delayed = await fixture.create({ afterSeconds: 3_600 });
    const now = await fixture.create({ threadId: delayed.threadId });
    expect(delayed.dispatch).toBeNull();
    expect(now.dispatch).not.toBeNull();
    expect(await fixture.store.claim(delayed.runId, worker, GRAPHS)).toBeNull();
    expect(await fixture.store.claim(now.runId, worker, GRAPHS)).not.toBeNull();
  });

  it('claims only runs of graphs that the worker has', async () => {
    const { runId } = await fixture.create();
    expect(await fixture.store.claim(runId, worker, ['another'])).toBeNull();
  });

  it('refuses a thread that does not exist, unless it may be created', async () => {
    await expect(fixture.create({ ifThreadMissing: 'reject' })).rejects.toMatchObject({
      code: 'THREAD_NOT_FOUND',
    });
  });

  it('hides a deleted thread, ends its runs and refuses new ones', async () => {
    const { runId, threadId } = await fixture.create();
    const ended = await fixture.store.hideThread(threadId);
    expect(ended?.map((run) => run.runId)).toEqual([runId]);
    expect((await fixture.store.find(runId))?.status).toBe('interrupted');
    await expect(fixture.create({ threadId })).rejects.toMatchObject({ code: 'THREAD_NOT_FOUND' });
    expect(await fixture.store.hideThread(threadId)).toBeNull();
  });
});
