/**
 * Limits of runs at a time: never exceeded, never starved, and fair between keys.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CreatedRun, Dispatch } from '../src/run-store/index.js';
import { createFixture, GRAPHS, KWARGS, type Fixture } from './fixture.js';

describe('a limit of runs at a time', () => {
  let fixture: Fixture;
  const worker = randomUUID();
  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterAll(() => fixture.close());
  beforeEach(async () => {
    await fixture.pool.query('DELETE FROM run');
  });

  const create = (limits: Record<string, number>, overrides = {}): Promise<CreatedRun> =>
    fixture.create({
      resolve: () => ({ kwargs: KWARGS, threadConfig: {}, metadata: {}, limits }),
      ...overrides,
    });
  const claim = async (runId: string): Promise<boolean> =>
    (await fixture.store.claim(runId, worker, GRAPHS)) !== null;
  const finish = async ({ runId, threadId }: { runId: string; threadId: string }): Promise<string[]> => {
    const finished = await fixture.store.finish({ runId, threadId, end: { status: 'success' } });
    return (finished?.next ?? []).map((next: Dispatch) => next.runId);
  };
  const many = async (count: number, limits: Record<string, number>): Promise<CreatedRun[]> => {
    const created: CreatedRun[] = [];
    for (let i = 0; i < count; i += 1) created.push(await create(limits));
    return created;
  };

  it('lets as many runs on their way as it says, and with every end the next, oldest first', async () => {
    const runs = await many(5, { 'user:a': 2 });
    expect(runs.map(({ dispatch }) => dispatch !== null)).toEqual([true, true, false, false, false]);
    const [first, second, third, fourth] = runs as [CreatedRun, CreatedRun, CreatedRun, CreatedRun];
    expect([await claim(first.runId), await claim(second.runId)]).toEqual([true, true]);
    expect(await finish(second)).toEqual([third.runId]);
    expect(await claim(third.runId)).toBe(true);
    expect(await claim(fourth.runId)).toBe(false);
    expect(await finish(first)).toEqual([fourth.runId]);
  });

  it('is not exceeded by claims at the same moment', async () => {
    const runs = await many(30, { 'user:a': 4 });
    const claims = await Promise.all(runs.map(({ runId }) => claim(runId)));
    expect(claims.filter(Boolean)).toHaveLength(4);
  });

  it('counts a run against each of its keys', async () => {
    const [both] = await many(1, { 'user:a': 1, 'assistant:x': 5 });
    const sameUser = await create({ 'user:a': 1 });
    const sameAssistant = await create({ 'assistant:x': 5 });
    expect([sameUser.dispatch, sameAssistant.dispatch !== null]).toEqual([null, true]);
    await claim(both?.runId ?? '');
    expect(await finish(both as CreatedRun)).toEqual([sameUser.runId]);
  });

  it('does not hold up other keys, nor runs without a limit', async () => {
    await many(20, { 'metadata.tenant:big': 2 });
    expect((await create({ 'metadata.tenant:small': 2 })).dispatch).not.toBeNull();
    expect((await create({})).dispatch).not.toBeNull();
    const { rows } = await fixture.pool.query<{ count: number }>(
      `SELECT count(*)::int FROM run WHERE status = 'pending' AND dispatched_at IS NOT NULL`,
    );
    expect(rows[0]?.count).toBe(4);
  });

  it('is found again by reconcile, which dispatches no more than there is room for', async () => {
    const runs = await many(10, { 'user:a': 3 });
    await fixture.pool.query('UPDATE run SET dispatched_at = NULL');
    const dispatched = await fixture.store.dispatchDue(2_000, 100);
    expect(dispatched.map(({ runId }) => runId).sort()).toEqual(
      runs
        .slice(0, 3)
        .map(({ runId }) => runId)
        .sort(),
    );
    expect(await fixture.store.dispatchDue(2_000, 100)).toEqual([]);
  });

  it('takes a run that came too early back into the line, where it holds no place', async () => {
    const [first, second, third] = (await many(3, { 'user:a': 1 })) as [CreatedRun, CreatedRun, CreatedRun];
    await claim(first.runId);
    // As when two runs are created at the same moment and both see the last free place.
    await fixture.pool.query('UPDATE run SET dispatched_at = now() WHERE run_id = $1', [third.runId]);
    expect(await claim(third.runId)).toBe(false);
    expect(await finish(first)).toEqual([second.runId]);
  });

  it('gives a place back when a waiting run is cancelled, or a retry has to wait', async () => {
    const [first, second, third] = (await many(3, { 'user:a': 1 })) as [CreatedRun, CreatedRun, CreatedRun];
    const wish = { action: 'interrupt', reason: 'a test' } as const;
    const cancelled = await fixture.store.cancel(first.runId, first.threadId, wish);
    expect(cancelled?.finished?.next.map(({ runId }) => runId)).toEqual([second.runId]);
    await claim(second.runId);
    await fixture.store.retry(second.runId, 1, 60);
    expect((await fixture.store.dispatchDue(2_000, 100)).map(({ runId }) => runId)).toEqual([third.runId]);
  });

  it('goes with the order within a thread', async () => {
    const first = await create({ 'user:a': 1 });
    const { threadId } = first;
    const second = await create({ 'user:a': 1 }, { threadId });
    const other = await create({ 'user:a': 1 });
    await claim(first.runId);
    expect(await finish(first)).toEqual([second.runId]);
    await claim(second.runId);
    expect(await finish(second)).toEqual([other.runId]);
  });

  it('keeps what is looked for while Redis is away to what may run', async () => {
    const [first] = await many(5, { 'user:a': 1 });
    await claim(first?.runId ?? '');
    expect(await fixture.store.findWaiting(GRAPHS, 100)).toEqual([]);
    await finish(first as CreatedRun);
    expect((await fixture.store.findWaiting(GRAPHS, 100)).length).toBeGreaterThan(0);
  });

  it('of a tenant with 2,000 waiting runs lets another tenant run its own at once', async () => {
    await fixture.pool.query(
      `INSERT INTO thread (thread_id) SELECT gen_random_uuid() FROM generate_series(1, 2000)`,
    );
    await fixture.pool.query(
      `INSERT INTO run (run_id, thread_id, assistant_id, graph_id, thread_order, multitask_strategy, kwargs, limits)
       SELECT gen_random_uuid(), thread_id, $1, 'graph', 1000, 'enqueue', '{}', '{"metadata.tenant:big": 5}' FROM thread
       WHERE NOT EXISTS (SELECT 1 FROM run WHERE run.thread_id = thread.thread_id) LIMIT 2000`,
      [fixture.assistantId],
    );
    expect(await fixture.store.dispatchDue(2_000, 500)).toHaveLength(5);
    const small = await create({ 'metadata.tenant:small': 5 });
    expect(small.dispatch).not.toBeNull();
    expect(await claim(small.runId)).toBe(true);
    expect(await fixture.store.dispatchDue(2_000, 500)).toEqual([]);
  });
});
