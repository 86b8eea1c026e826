/**
 * A run that is rolled back leaves nothing but the end that its readers are told.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFixture, GRAPHS, type Fixture } from './fixture.js';

describe('a rollback', () => {
  const worker = randomUUID();
  const wish = { action: 'rollback', reason: 'a test' } as const;
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterAll(() => fixture.close());

  async function writeCheckpoint(threadId: string, runId: string): Promise<void> {
    await fixture.pool.query(
      `INSERT INTO langgraph.checkpoints (thread_id, checkpoint_ns, checkpoint_id, type, checkpoint, metadata, run_id, attempt)
       VALUES ($1, '', $2, 'json', '{}', '{}', $3, 1)`,
      [threadId, randomUUID(), runId],
    );
  }

  async function checkpointsOf(threadId: string): Promise<string[]> {
    const { rows } = await fixture.pool.query<{ run_id: string }>(
      'SELECT run_id FROM langgraph.checkpoints WHERE thread_id = $1',
      [threadId],
    );
    return rows.map((row) => row.run_id);
  }

  async function threadRow(threadId: string): Promise<unknown> {
    const { rows } = await fixture.pool.query<object>(
      'SELECT status, values, error FROM thread WHERE thread_id = $1',
      [threadId],
    );
    return rows[0];
  }

  /** A thread whose state comes from a run that succeeded, and a second run that is being executed. */
  async function threadWithTwoRuns(
    interrupts = {},
  ): Promise<{ threadId: string; kept: string; undone: string }> {
    const { runId: kept, threadId } = await fixture.create();
    await fixture.store.claim(kept, worker, GRAPHS);
    await writeCheckpoint(threadId, kept);
    const thread = { status: 'idle', values: { kept: true }, interrupts } as const;
    await fixture.store.finish({ runId: kept, threadId, attempt: 1, end: { status: 'success', thread } });
    const { runId: undone } = await fixture.create({ threadId });
    await fixture.store.claim(undone, worker, GRAPHS);
    await writeCheckpoint(threadId, undone);
    return { threadId, kept, undone };
  }

  it('of a running run deletes it with its checkpoints when its attempt ends, whatever that came to', async () => {
    const { threadId, kept, undone } = await threadWithTwoRuns();
    const marked = await fixture.store.cancel(undone, threadId, wish);
    expect(marked?.owner).toEqual({ workerId: worker, attempt: 1 });
    const thread = { status: 'idle', values: { kept: false }, interrupts: {} } as const;
    const end = { status: 'error', error: { error: 'Error', message: 'too late' }, thread } as const;
    const finished = await fixture.store.finish({ runId: undone, threadId, attempt: 1, end });
    expect(finished?.status).toBe('rollback');
    expect(finished?.events.map(({ event, data }) => [event, JSON.parse(data)])).toEqual([
      ['end', { run_id: undone, status: 'rollback' }],
    ]);
    expect(await fixture.store.find(undone)).toBeNull();
    expect(await fixture.log(undone)).toEqual([]);
    expect(await checkpointsOf(threadId)).toEqual([kept]);
    expect(await threadRow(threadId)).toEqual({ status: 'idle', values: { kept: true }, error: null });
  });

  it('leaves the thread interrupted when it was before', async () => {
    const { threadId, undone } = await threadWithTwoRuns({ task: [{ value: 'really?' }] });
    await fixture.store.cancel(undone, threadId, wish);
    await fixture.store.finish({ runId: undone, threadId, attempt: 1, end: { status: 'interrupted' } });
    expect(await threadRow(threadId)).toMatchObject({ status: 'interrupted' });
  });

  it('is not weakened by a cancel that comes after it', async () => {
    const { threadId, undone } = await threadWithTwoRuns();
    await fixture.store.cancel(undone, threadId, wish);
    await fixture.store.cancel(undone, threadId, { action: 'interrupt', reason: 'later' });
    await fixture.store.finish({ runId: undone, threadId, attempt: 1, end: { status: 'interrupted' } });
    expect(await fixture.store.find(undone)).toBeNull();
  });

  it('is done by the rescue when the worker has died', async () => {
    const { threadId, undone } = await threadWithTwoRuns();
    await fixture.store.cancel(undone, threadId, wish);
    const rescued = await fixture.store.rescue({ workerId: worker, beat: null, chargeCrash: true });
    expect(rescued.find(({ runId }) => runId === undone)).toMatchObject({
      outcome: 'finished',
      finished: { status: 'rollback' },
    });
    expect(await fixture.store.find(undone)).toBeNull();
    expect(await checkpointsOf(threadId)).not.toContain(undone);
  });

  it('of a waiting run deletes it at once', async () => {
    const { runId, threadId } = await fixture.create();
    const cancelled = await fixture.store.cancel(runId, threadId, wish);
    expect(cancelled?.finished?.status).toBe('rollback');
    expect(await fixture.store.find(runId)).toBeNull();
    expect(await threadRow(threadId)).toMatchObject({ status: 'idle' });
  });

  it('by a new run deletes those that wait and marks the one that runs', async () => {
    const { threadId, undone } = await threadWithTwoRuns();
    const waiting = await fixture.create({ threadId });
    const next = await fixture.create({ threadId, multitaskStrategy: 'rollback' });
    expect(next.ended.map(({ runId, status }) => [runId, status])).toEqual([[waiting.runId, 'rollback']]);
    expect(next.marked).toEqual([{ runId: undone, attempt: 1, workerId: worker }]);
    expect(await fixture.store.find(waiting.runId)).toBeNull();
    const finished = await fixture.store.finish({
      runId: undone,
      threadId,
      attempt: 1,
      end: { status: 'interrupted' },
    });
    expect(finished?.next[0]?.runId).toBe(next.runId);
  });
});
