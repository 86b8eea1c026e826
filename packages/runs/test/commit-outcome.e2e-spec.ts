/**
 * The connection is cut at the COMMIT of a transition: before it reaches Postgres, or after, with its answer lost.
 */
import { randomUUID } from 'node:crypto';
import { createPool } from '@longrun/database';
import { startTcpProxy, type TcpProxy } from '@longrun/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { RunStore, type CreateRunInput } from '../src/run-store/index.js';
import { createFixture, GRAPHS, KWARGS, type Fixture } from './fixture.js';

describe('a COMMIT without an answer', () => {
  let fixture: Fixture;
  let proxy: TcpProxy;
  let pool: pg.Pool;
  let store: RunStore;
  let cut: 'request' | 'answer' | undefined;
  let beforeLook: (() => Promise<unknown>) | undefined;

  beforeAll(async () => {
    fixture = await createFixture();
    proxy = await startTcpProxy({ port: Number(new URL(fixture.url).port) });
    pool = createPool({ url: proxy.urlFor(fixture.url), poolSize: 2 });
    // The cut itself is the network's; this only chooses its moment.
    pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...args: unknown[]) => unknown;
      client.query = ((...args: unknown[]) => {
        if (args[0] === 'COMMIT' && cut !== undefined) {
          if (cut === 'answer') proxy.cutNextReply();
          else proxy.resetAll();
          cut = undefined;
        }
        if (args[0] === 'BEGIN' && beforeLook !== undefined && cut === undefined) {
          const before = beforeLook;
          beforeLook = undefined;
          return before().then(() => query(...args));
        }
        return query(...args);
      }) as never;
    });
    store = new RunStore(pool);
  });
  afterAll(async () => {
    await pool.end();
    await proxy.close();
    await fixture.close();
  });

  const inputOf = (threadId: string): CreateRunInput => ({
    runId: randomUUID(),
    threadId,
    assistantId: fixture.assistantId,
    graphId: 'graph',
    multitaskStrategy: 'enqueue',
    ifThreadMissing: 'create',
    temporaryThread: false,
    afterSeconds: 0,
    priority: 0,
    metadata: {},
    threadMetadata: {},
    resolve: () => ({ kwargs: KWARGS, threadConfig: {}, metadata: { a: 1 } }),
  });
  const runsOf = async (threadId: string): Promise<string[]> => {
    const sql = 'SELECT run_id FROM run WHERE thread_id = $1';
    const { rows } = await fixture.pool.query<{ run_id: string }>(sql, [threadId]);
    return rows.map((row) => row.run_id);
  };

  it('does not hide a run that was created: it is found and answered once', async () => {
    const input = inputOf(randomUUID());
    cut = 'answer';
    const created = await store.create(input);
    expect(cut).toBeUndefined();
    expect(created).toMatchObject({
      runId: input.runId,
      kwargs: KWARGS,
      metadata: { a: 1 },
      dispatch: { dispatch: 1 },
    });
    expect(await runsOf(input.threadId)).toEqual([input.runId]);
  });

  it('answers with all runs of a batch, also when one of them is deleted before it is looked for', async () => {
    const inputs = [inputOf(randomUUID()), inputOf(randomUUID()), inputOf(randomUUID())];
    const [first] = inputs;
    cut = 'answer';
    beforeLook = () => fixture.pool.query('DELETE FROM run WHERE run_id = $1', [first?.runId]);
    const created = await store.createAll(inputs);
    expect([cut, beforeLook]).toEqual([undefined, undefined]);
    expect(created.map(({ runId }) => runId)).toEqual(inputs.map(({ runId }) => runId));
    expect(created[0]).toMatchObject({ kwargs: KWARGS, metadata: { a: 1 }, dispatch: { dispatch: 1 } });
    expect(await Promise.all(inputs.map(({ threadId }) => runsOf(threadId)))).toEqual([
      [],
      [inputs[1]?.runId],
      [inputs[2]?.runId],
    ]);
  });

  it('answers 503 for a batch that was not created, and leaves nothing of it', async () => {
    const inputs = [inputOf(randomUUID()), inputOf(randomUUID())];
    cut = 'request';
    await expect(store.createAll(inputs)).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
    expect(await Promise.all(inputs.map(({ threadId }) => runsOf(threadId)))).toEqual([[], []]);
  });

  it('answers 503 for a run that was not created, and leaves nothing of it', async () => {
    const input = inputOf(randomUUID());
    cut = 'request';
    await expect(store.create(input)).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE', status: 503 });
    expect(await runsOf(input.threadId)).toEqual([]);
    expect((await store.create(input)).runId).toBe(input.runId);
  });

  it.each(['answer', 'request'] as const)('ends a run once when the %s of its end is lost', async (what) => {
    const { runId, threadId } = await fixture.create();
    const next = await fixture.create({ threadId });
    await fixture.store.claim(runId, randomUUID(), GRAPHS);
    cut = what;
    const finished = await store.finish({ runId, threadId, attempt: 1, end: { status: 'success' } });
    expect(cut).toBeUndefined();
    expect(finished).toMatchObject({ runId, status: 'success' });
    expect((await fixture.store.find(runId))?.status).toBe('success');
    expect((await fixture.log(runId)).map(({ seq, event }) => [seq, event])).toEqual([[0, 'end']]);
    // The thread is free again, whoever hears of it.
    expect(await fixture.store.claim(next.runId, randomUUID(), GRAPHS)).not.toBeNull();
    expect(await store.finish({ runId, threadId, attempt: 1, end: { status: 'error' } })).toBeNull();
  });
});
