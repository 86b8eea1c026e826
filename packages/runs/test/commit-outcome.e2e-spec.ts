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

/** Statements that are transactions by themselves. */
const ALONE = ['insert-run-alone', 'finish-run-alone'];

describe('a COMMIT without an answer', () => {
  let fixture: Fixture;
  let proxy: TcpProxy;
  let pool: pg.Pool;
  let store: RunStore;
  let cut: 'request' | 'answer' | undefined;
  let passing: string | undefined;
  let beforeLook: (() => Promise<unknown>) | undefined;

  beforeAll(async () => {
    fixture = await createFixture();
    proxy = await startTcpProxy({ port: Number(new URL(fixture.url).port) });
    pool = createPool({ url: proxy.urlFor(fixture.url), poolSize: 2 });
    // The cut itself is the network's; this only chooses its moment.
    pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...args: unknown[]) => unknown;
      client.query = ((...args: unknown[]) => {
        if (cut !== undefined && commits(args[0])) {
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

  /** A run is ended alone first: when it cannot be, a transaction follows, and that is what commits. */
  const commits = (query: unknown): boolean => {
    if (query === 'COMMIT') return true;
    const { name = '' } = query as { name?: string };
    return ALONE.includes(name) && name !== passing;
  };

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

  const onExistingThread = async (): Promise<CreateRunInput> => {
    passing = undefined;
    const { runId, threadId } = await fixture.create();
    await fixture.store.finish({ runId, threadId, end: { status: 'success' } });
    await fixture.store.delete(runId, threadId);
    return inputOf(threadId);
  };
  const withThread = async (): Promise<CreateRunInput> => {
    passing = undefined;
    return inputOf(randomUUID());
  };

  it.each([
    ['with its thread', withThread],
    ['on a thread that rests', onExistingThread],
  ])('does not hide a run that was created %s: it is found and answered once', async (_where, prepare) => {
    const input = await prepare();
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

  it.each([
    ['with its thread', withThread],
    ['on a thread that rests', onExistingThread],
  ])('answers 503 for a run that was not created %s, and leaves nothing of it', async (_where, prepare) => {
    const input = await prepare();
    cut = 'request';
    await expect(store.create(input)).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE', status: 503 });
    expect(await runsOf(input.threadId)).toEqual([]);
    expect((await store.create(input)).runId).toBe(input.runId);
  });

  it.each([
    ['answer', 'alone on its thread', false],
    ['request', 'alone on its thread', false],
    ['answer', 'with another one waiting', true],
    ['request', 'with another one waiting', true],
  ] as const)('ends a run once when the %s of its end is lost, %s', async (what, _where, hasNext) => {
    const { runId, threadId } = await fixture.create();
    const next = hasNext ? await fixture.create({ threadId }) : undefined;
    await fixture.store.claim(runId, randomUUID(), GRAPHS);
    // Alone it is one statement; otherwise that one finds out that it cannot, and a transaction follows.
    passing = hasNext ? 'finish-run-alone' : undefined;
    cut = what;
    const finished = await store.finish({ runId, threadId, attempt: 1, end: { status: 'success' } });
    expect(cut).toBeUndefined();
    expect(finished).toMatchObject({ runId, status: 'success' });
    expect((await fixture.store.find(runId))?.status).toBe('success');
    expect((await fixture.log(runId)).map(({ seq, event }) => [seq, event])).toEqual([
      [0, 'metadata'],
      [1, 'end'],
    ]);
    // The thread is free again, whoever hears of it.
    if (next) expect(await fixture.store.claim(next.runId, randomUUID(), GRAPHS)).not.toBeNull();
    expect(await store.finish({ runId, threadId, attempt: 1, end: { status: 'error' } })).toBeNull();
  });

  it('answers 503 at its deadline when Postgres says nothing more, and not when its own patience ends', async () => {
    const frozen = await startTcpProxy({ port: Number(new URL(fixture.url).port) });
    const silent = createPool({ url: frozen.urlFor(fixture.url), poolSize: 1, answerTimeoutMs: 2_500 });
    await silent.query('SELECT 1');
    frozen.setBlackhole(true);
    const startedAt = performance.now();
    const impatient = new RunStore(silent, { createDeadlineMs: 2_700 });
    await expect(impatient.create(inputOf(randomUUID()))).rejects.toMatchObject({
      commitOutcomeUnknown: true,
    });
    const tookMs = performance.now() - startedAt;
    frozen.setBlackhole(false);
    frozen.resetAll();
    await silent.end();
    await frozen.close();
    expect(tookMs).toBeGreaterThan(2_600);
    // A look of its own takes another 2,500 ms to be given up.
    expect(tookMs).toBeLessThan(4_900);
  });
});
