/**
 * What happens to a message that comes while the thread is busy: the four strategies under 50 simultaneous posts over two apis.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, type Run } from '@langchain/langgraph-sdk';
import type { MultitaskStrategy } from '@longrun/contracts';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { apiUrl, query, startStack } from './support.js';

/** A run takes eight times the `ms` of its input: long enough that all posts come while the first is under way. */
const POSTS = 50;

let stack: TestStack;
let clients: Client[];
beforeAll(async () => {
  stack = await startStack();
  clients = [0, 1].map(
    (api) =>
      new Client({ apiUrl: apiUrl(stack, api), apiKey: null, callerOptions: { maxConcurrency: POSTS } }),
  );
}, 120_000);
afterAll(() => stack.stop());

const client = (i = 0): Client => clients[i % 2] as Client;

/** Posts at once, alternating between the apis. */
async function postAll(
  threadId: string,
  multitaskStrategy: MultitaskStrategy,
  ms: number,
): Promise<{ created: Run[]; refused: string[] }> {
  const results = await Promise.allSettled(
    Array.from({ length: POSTS }, (_, i) =>
      client(i).runs.create(threadId, 'steps', { input: { ms }, multitaskStrategy, metadata: { i } }),
    ),
  );
  return {
    created: results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    refused: results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : [])),
  };
}

interface Row extends Record<string, unknown> {
  run_id: string;
  status: string;
  started: string | null;
  ended: string;
  thread_order: string;
}

async function untilResting(threadId: string): Promise<Row[]> {
  const rows = (): Promise<Row[]> =>
    query<Row>(
      stack,
      `SELECT run_id, status, thread_order, started_at::text AS started, ended_at::text AS ended FROM run
       WHERE thread_id = $1 ORDER BY thread_order`,
      [threadId],
    );
  await waitUntil(
    async () => (await rows()).every(({ status }) => status !== 'pending' && status !== 'running'),
    {
      timeoutMs: 60_000,
    },
  );
  return rows();
}

const count = (rows: readonly Row[], status: string): number =>
  rows.filter((row) => row.status === status).length;

/** Runs of a thread never overlap. */
function expectOneAtATime(rows: readonly Row[]): void {
  const begun = rows.filter(({ started }) => started !== null);
  const byStart = [...begun].sort((a, b) => ((a.started ?? '') < (b.started ?? '') ? -1 : 1));
  byStart.slice(1).forEach((row, i) => {
    expect((byStart[i]?.ended ?? '') <= (row.started ?? '')).toBe(true);
  });
}

const logOf = async (threadId: string): Promise<string[]> =>
  ((await client().threads.getState(threadId)).values as { log?: string[] } | null)?.log ?? [];

describe('50 simultaneous runs of one thread', () => {
  let threadId: string;
  const newThread = async (): Promise<void> => {
    threadId = (await client().threads.create()).thread_id;
  };

  it('with reject: one gets through, 49 are told that the thread is busy', async () => {
    await newThread();
    const { created, refused } = await postAll(threadId, 'reject', 400);
    expect(created).toHaveLength(1);
    expect(refused).toHaveLength(POSTS - 1);
    for (const reason of refused) expect(reason).toMatch(/409.*already running a task/);
    expect(await untilResting(threadId)).toMatchObject([{ run_id: created[0]?.run_id, status: 'success' }]);
    expect(await logOf(threadId)).toHaveLength(8);
  });

  it('with enqueue: all succeed, one after the other, in the order in which they were accepted', async () => {
    await newThread();
    const { created } = await postAll(threadId, 'enqueue', 0);
    expect(created).toHaveLength(POSTS);
    const rows = await untilResting(threadId);
    expect(count(rows, 'success')).toBe(POSTS);
    const started = [...rows].sort((a, b) => ((a.started ?? '') < (b.started ?? '') ? -1 : 1));
    expect(started.map((row) => row.thread_order)).toEqual(rows.map((row) => row.thread_order));
    expectOneAtATime(rows);
    expect(await logOf(threadId)).toHaveLength(POSTS * 8);
  }, 90_000);

  it('with interrupt: the last one succeeds, all before it are interrupted and keep what they did', async () => {
    await newThread();
    const { created } = await postAll(threadId, 'interrupt', 400);
    expect(created).toHaveLength(POSTS);
    const rows = await untilResting(threadId);
    expect([rows.at(-1)?.status, count(rows, 'success'), count(rows, 'interrupted')]).toEqual([
      'success',
      1,
      POSTS - 1,
    ]);
    expectOneAtATime(rows);
    expect((await logOf(threadId)).slice(-8)).toEqual(Array.from({ length: 8 }, (_, i) => `step${i}`));
    expect((await client().threads.get(threadId)).status).toBe('idle');
  });

  it('with rollback: the last one succeeds, and of the others nothing is left', async () => {
    await newThread();
    await client().runs.wait(threadId, 'steps', { input: { ms: 0 } });
    const { created } = await postAll(threadId, 'rollback', 400);
    expect(created).toHaveLength(POSTS);
    const rows = await untilResting(threadId);
    expect(rows.map(({ status }) => status)).toEqual(['success', 'success']);
    expect(await logOf(threadId)).toHaveLength(16);
    const others = created.map(({ run_id }) => run_id).filter((id) => !rows.some((row) => row.run_id === id));
    expect(others).toHaveLength(POSTS - 1);
    const left = await query(
      stack,
      `SELECT run_id::text FROM run_event WHERE run_id = ANY($1::uuid[])
       UNION ALL SELECT run_id::text FROM langgraph.checkpoints WHERE run_id = ANY($1::uuid[])
       UNION ALL SELECT run_id::text FROM langgraph.checkpoint_writes WHERE run_id = ANY($1::uuid[])`,
      [others],
    );
    expect(left).toEqual([]);
  });

  it('with all four mixed: whatever was accepted ends, one at a time, and the thread rests', async () => {
    await newThread();
    const strategies: MultitaskStrategy[] = ['reject', 'enqueue', 'interrupt', 'rollback'];
    const posts = await Promise.allSettled(
      Array.from({ length: POSTS }, (_, i) =>
        client(i).runs.create(threadId, 'steps', {
          input: { ms: 2 },
          multitaskStrategy: strategies[i % 4] as MultitaskStrategy,
        }),
      ),
    );
    for (const post of posts) if (post.status === 'rejected') expect(String(post.reason)).toMatch(/409/);
    const rows = await untilResting(threadId);
    expect(rows.at(-1)?.status).toBe('success');
    expectOneAtATime(rows);
    expect((await client().threads.get(threadId)).status).toBe('idle');
  });
});
