/**
 * Runs beside which their thread has no active one: they are created and ended in one statement each, which must notice what happens at the
 * same moment.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject, RunConfig } from '@longrun/contracts';
import { createFixture, GRAPHS, KWARGS, type Fixture } from './fixture.js';

const ROUNDS = 80;

describe('a run that is alone on its thread', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterAll(() => fixture.close());

  const restingThread = async (config: RunConfig = {}, metadata: JsonObject = {}): Promise<string> => {
    const threadId = randomUUID();
    await fixture.pool.query('INSERT INTO thread (thread_id, config, metadata) VALUES ($1, $2, $3)', [
      threadId,
      config,
      metadata,
    ]);
    return threadId;
  };

  it('is made for the config and metadata that the thread has', async () => {
    const threadId = await restingThread({ recursion_limit: 7 }, { of: 'thread' });
    const resolve = (thread: { config: RunConfig; metadata: JsonObject }) => ({
      kwargs: { ...KWARGS, config: thread.config },
      threadConfig: { ...thread.config, tags: ['run'] },
      metadata: thread.metadata,
    });
    const created = await fixture.create({ threadId, resolve, threadMetadata: { graph_id: 'graph' } });
    expect(created).toMatchObject({
      kwargs: { config: { recursion_limit: 7 } },
      metadata: { of: 'thread' },
      dispatch: { dispatch: 1 },
    });
    const { rows } = await fixture.pool.query(
      `SELECT thread.status, thread.config, thread.metadata, last_run_order::int, run.metadata AS run_metadata
        FROM thread JOIN run USING (thread_id) WHERE run_id = $1`,
      [created.runId],
    );
    expect(rows).toEqual([
      {
        status: 'busy',
        config: { recursion_limit: 7, tags: ['run'] },
        metadata: { of: 'thread', graph_id: 'graph' },
        last_run_order: 1,
        run_metadata: { of: 'thread' },
      },
    ]);
  });

  it('is the only one of 20 created at the same moment that may go', async () => {
    const threadId = await restingThread();
    const created = await Promise.all(Array.from({ length: 20 }, () => fixture.create({ threadId })));
    expect(created.filter(({ dispatch }) => dispatch !== null)).toHaveLength(1);
  });

  it('does not go unseen when it comes at the moment at which the one before ends', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { runId, threadId } = await fixture.create();
      await fixture.store.claim(runId, randomUUID(), GRAPHS);
      const [created] = await Promise.all([
        fixture.create({ threadId }),
        fixture.store.finish({ runId, threadId, attempt: 1, end: { status: 'success' } }),
      ]);
      const { rows } = await fixture.pool.query(
        `SELECT run.dispatch, dispatched_at IS NOT NULL AS dispatched, thread.status FROM run JOIN thread USING (thread_id)
          WHERE run_id = $1`,
        [created.runId],
      );
      expect(rows).toEqual([{ dispatch: 1, dispatched: true, status: 'busy' }]);
    }
  });

  it('ends as cancelled or not at all when it is cancelled at the moment at which it ends', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { runId, threadId } = await fixture.create();
      await fixture.store.claim(runId, randomUUID(), GRAPHS);
      const [cancelled] = await Promise.all([
        fixture.store.cancel(runId, threadId, { action: 'interrupt', reason: 'a test' }),
        fixture.store.finish({ runId, threadId, attempt: 1, end: { status: 'success' } }),
      ]);
      const status = cancelled?.owner ? 'interrupted' : 'success';
      expect((await fixture.store.find(runId))?.status).toBe(status);
    }
  });

  it('is not ended by an attempt that lost it at the same moment', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { runId, threadId } = await fixture.create();
      await fixture.store.claim(runId, randomUUID(), GRAPHS);
      const [released, finished] = await Promise.all([
        fixture.store.release(runId, 1),
        fixture.store.finish({ runId, threadId, attempt: 1, end: { status: 'success' } }),
      ]);
      expect([released === null, finished === null].sort()).toEqual([false, true]);
      expect((await fixture.store.find(runId))?.status).toBe(finished ? 'success' : 'pending');
    }
  });
});
