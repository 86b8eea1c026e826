/**
 * The last checkpoints of an attempt, which are committed with the end of its run or before it, and never without the right to.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { UnwrittenCheckpoints } from '@longrun/contracts';
import { createFixture, GRAPHS, type Fixture } from './fixture.js';

describe('the last checkpoints of a run', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterAll(() => fixture.close());

  const running = async (): Promise<{ runId: string; threadId: string }> => {
    const { runId, threadId } = await fixture.create();
    await fixture.store.claim(runId, randomUUID(), GRAPHS);
    return { runId, threadId };
  };

  /** One checkpoint with one value of the bytes 1, 2, 3, and what it was told. */
  const unwrittenOf = (
    threadId: string,
    metadata = '{"step":1}',
  ): { unwritten: UnwrittenCheckpoints; told: string[] } => {
    const told: string[] = [];
    const address = `"thread_id":"${threadId}","checkpoint_ns":""`;
    const rows = `{"blobs":[{${address},"channel":"value","version":"1","type":"bytes","at":1,"size":3}],
      "checkpoints":[{"place":0,${address},"checkpoint_id":"one","checkpoint":{"v":4},"metadata":${metadata}}]}`;
    const unwritten: UnwrittenCheckpoints = {
      rows,
      bytes: Buffer.from([1, 2, 3]),
      written: () => void told.push('written'),
      write: async () => {
        told.push('to write');
        if (metadata.includes('u0000')) throw new Error('unsupported Unicode escape sequence');
      },
    };
    return { unwritten, told };
  };

  const stored = async (threadId: string): Promise<unknown> => {
    const sql = `SELECT checkpoint_id, run_id, attempt,
        (SELECT encode(blob, 'hex') FROM langgraph.checkpoint_blobs AS b WHERE b.thread_id = c.thread_id) AS value
      FROM langgraph.checkpoints AS c WHERE thread_id = $1`;
    return (await fixture.pool.query(sql, [threadId])).rows;
  };

  const success = { status: 'success' as const };

  it('are committed with its end', async () => {
    const { runId, threadId } = await running();
    const { unwritten, told } = unwrittenOf(threadId);
    expect(
      await fixture.store.finish({ runId, threadId, attempt: 1, end: success, unwritten }),
    ).toMatchObject({ status: 'success' });
    expect(told).toEqual(['written']);
    expect(await stored(threadId)).toEqual([
      { checkpoint_id: 'one', run_id: runId, attempt: 1, value: '010203' },
    ]);
  });

  it('are written before the end of a run that is not alone on its thread', async () => {
    const { runId, threadId } = await running();
    await fixture.create({ threadId });
    const { unwritten, told } = unwrittenOf(threadId);
    const finished = await fixture.store.finish({ runId, threadId, attempt: 1, end: success, unwritten });
    expect(finished?.next).toHaveLength(1);
    expect(told).toEqual(['to write']);
    expect(await stored(threadId)).toEqual([]);
  });

  it('are not written by an attempt that has lost its run', async () => {
    const { runId, threadId } = await running();
    const { unwritten, told } = unwrittenOf(threadId);
    await fixture.store.release(runId, 1);
    expect(await fixture.store.finish({ runId, threadId, attempt: 1, end: success, unwritten })).toBeNull();
    expect(told).toEqual(['to write']);
    expect(await stored(threadId)).toEqual([]);
  });

  it('do not let it end when they cannot be stored', async () => {
    const { runId, threadId } = await running();
    const { unwritten } = unwrittenOf(threadId, String.raw`{"text":"\u0000"}`);
    const finishing = fixture.store.finish({ runId, threadId, attempt: 1, end: success, unwritten });
    await expect(finishing).rejects.toThrow('unsupported Unicode escape sequence');
    expect((await fixture.store.find(runId))?.status).toBe('running');
  });
});
