/**
 * The contract of threads.
 */
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Client } from 'langgraph-sdk-1.15';
import { row, type ContractRow } from './contract-row.js';
import { STATE_UPDATED, THREAD, THREAD_STATE } from './resource-shapes.js';
import { expectShape, integer, listOf } from './shape.js';

interface Log {
  log: string[];
}

async function threadWithState(client: Client, metadata: Record<string, unknown> = {}): Promise<string> {
  const { thread_id } = await client.threads.create({ metadata });
  await client.runs.wait(thread_id, 'steps', { input: { ms: 1 } });
  return thread_id;
}

export const THREADS: readonly ContractRow[] = [
  row('POST /threads', 'threads.create', async ({ client }) => {
    const threadId = randomUUID();
    const made = expectShape(await client.threads.create({ threadId, metadata: { a: 1 } }), THREAD);
    expect(made).toMatchObject({ thread_id: threadId, status: 'idle', metadata: { a: 1 }, values: null });
    expect(await client.threads.get(threadId)).toEqual(made);
    await expect(client.threads.create({ threadId })).rejects.toThrow(/409/);
    expect(await client.threads.create({ threadId, ifExists: 'do_nothing' })).toEqual(made);
  }),
  row('POST /threads', 'threads.create (supersteps)', async ({ client }) => {
    const updates = [{ values: { ms: 1, log: ['moved'] }, asNode: '__start__' }];
    const { thread_id } = await client.threads.create({ graphId: 'steps', supersteps: [{ updates }] });
    const state = await client.threads.getState<Log>(thread_id);
    expect([state.values.log, state.next]).toEqual([['moved'], ['step0']]);
  }),
  row(
    'POST /threads',
    'threads.create (ttl)',
    async ({ client }) => {
      const { thread_id } = await client.threads.create({ ttl: 10 });
      const { ttl } = (await client.threads.get(thread_id, { include: ['ttl'] })) as unknown as {
        ttl: object;
      };
      expect(ttl).toMatchObject({ strategy: 'delete', ttl_minutes: 10 });
    },
    ['1.12.4', '1.15.0'],
  ),
  row('GET /threads/{thread_id}', 'threads.get', async ({ client }) => {
    const threadId = await threadWithState(client);
    const thread = expectShape(await client.threads.get<Log>(threadId), THREAD);
    expect([thread.status, thread.values.log.length]).toEqual(['idle', 8]);
    await expect(client.threads.get(randomUUID())).rejects.toThrow(/404/);
  }),
  row('PATCH /threads/{thread_id}', 'threads.update', async ({ client }) => {
    const { thread_id } = await client.threads.create({ metadata: { a: 1 } });
    const changed = expectShape(await client.threads.update(thread_id, { metadata: { b: 2 } }), THREAD);
    expect(changed.metadata).toEqual({ a: 1, b: 2 });
    expect((await client.threads.get(thread_id)).metadata).toEqual({ a: 1, b: 2 });
  }),
  row(
    'PATCH /threads/{thread_id}',
    'threads.update (returnMinimal)',
    async ({ client }) => {
      const { thread_id } = await client.threads.create();
      expect(
        await client.threads.update(thread_id, { metadata: { b: 2 }, returnMinimal: true }),
      ).toBeUndefined();
      expect((await client.threads.get(thread_id)).metadata).toEqual({ b: 2 });
    },
    ['1.12.4', '1.15.0'],
  ),
  row('DELETE /threads/{thread_id}', 'threads.delete', async ({ client }) => {
    const threadId = await threadWithState(client);
    await client.threads.delete(threadId);
    await expect(client.threads.get(threadId)).rejects.toThrow(/404/);
  }),
  row('POST /threads/search', 'threads.search', async ({ client }) => {
    const metadata = { mark: randomUUID() };
    const ids = [];
    for (let i = 0; i < 3; i += 1) ids.push((await client.threads.create({ metadata })).thread_id);
    const sorted = { metadata, sortBy: 'created_at', sortOrder: 'asc' } as const;
    const found = expectShape(await client.threads.search(sorted), listOf(THREAD));
    expect(found.map((thread) => thread.thread_id)).toEqual(ids);
    const page = await client.threads.search({ ...sorted, limit: 1, offset: 1, select: ['thread_id'] });
    expect(page).toEqual([{ thread_id: ids[1] }]);
    expect(await client.threads.search({ metadata, status: 'busy' })).toEqual([]);
  }),
  row(
    'POST /threads/search',
    'threads.search (extract)',
    async ({ client }) => {
      const metadata = { mark: randomUUID() };
      await threadWithState(client, metadata);
      const found = await client.threads.search({ metadata, extract: { last: 'values.log[-1]' } });
      expect(found).toMatchObject([{ extracted: { last: 'step7' } }]);
    },
    ['1.12.4', '1.15.0'],
  ),
  row('POST /threads/count', 'threads.count', async ({ client }) => {
    const metadata = { mark: randomUUID() };
    await threadWithState(client, metadata);
    expect(expectShape(await client.threads.count({ metadata, status: 'idle' }), integer)).toBe(1);
    expect(await client.threads.count({ metadata, status: 'busy' })).toBe(0);
  }),
  row('POST /threads/prune', 'threads.prune', async ({ client }) => {
    const threadId = await threadWithState(client);
    expect(await client.threads.prune([threadId], { strategy: 'keep_latest' })).toEqual({ pruned_count: 1 });
    expect(await client.threads.getHistory(threadId)).toHaveLength(1);
    expect(await client.threads.prune([threadId])).toEqual({ pruned_count: 1 });
    await expect(client.threads.get(threadId)).rejects.toThrow(/404/);
  }),
  row('POST /threads/{thread_id}/copy', 'threads.copy', async ({ client }) => {
    const threadId = await threadWithState(client, { a: 1 });
    // Older versions type the answer of a copy as nothing.
    const copy = expectShape(await client.threads.copy(threadId), THREAD) as { thread_id: string };
    expect(copy.thread_id).not.toBe(threadId);
    const [original, copied] = [await client.threads.get(threadId), await client.threads.get(copy.thread_id)];
    expect([copied.values, copied.metadata]).toEqual([original.values, original.metadata]);
  }),
  row('GET /threads/{thread_id}/state', 'threads.getState', async ({ client }) => {
    const threadId = await threadWithState(client);
    const state = expectShape(
      await client.threads.getState<Log>(threadId, undefined, { subgraphs: true }),
      THREAD_STATE,
    );
    expect([state.next, state.values.log.length]).toEqual([[], 8]);
  }),
  row(
    'GET /threads/{thread_id}/state',
    'threads.getState (select)',
    async ({ client }) => {
      const threadId = await threadWithState(client);
      const state = await client.threads.getState(threadId, undefined, { select: ['next', 'values.log'] });
      expect(state).toEqual({ next: [], values: { log: expect.any(Array) as unknown } });
    },
    ['1.15.0'],
  ),
  row('GET /threads/{thread_id}/state/{checkpoint_id}', 'threads.getState (id)', async ({ client }) => {
    const threadId = await threadWithState(client);
    const [, second] = await client.threads.getHistory<Log>(threadId);
    const id = second?.checkpoint.checkpoint_id ?? '';
    const state = expectShape(await client.threads.getState<Log>(threadId, id), THREAD_STATE);
    expect([state.checkpoint.checkpoint_id, state.values.log.length]).toEqual([id, 7]);
  }),
  row('POST /threads/{thread_id}/state/checkpoint', 'threads.getState (checkpoint)', async ({ client }) => {
    const threadId = await threadWithState(client);
    const [, second] = await client.threads.getHistory<Log>(threadId);
    const checkpoint = second?.checkpoint ?? null;
    const state = expectShape(
      await client.threads.getState<Log>(threadId, checkpoint as never),
      THREAD_STATE,
    );
    expect(state.values.log).toHaveLength(7);
  }),
  row('POST /threads/{thread_id}/state', 'threads.updateState', async ({ client }) => {
    const threadId = await threadWithState(client);
    const update = { values: { log: ['mine'] }, asNode: 'step7' };
    const updated = expectShape(await client.threads.updateState(threadId, update), STATE_UPDATED);
    const state = await client.threads.getState<Log>(threadId);
    expect(state.values.log.at(-1)).toBe('mine');
    const { checkpoint } = updated as unknown as { checkpoint: { checkpoint_id: string } };
    expect(state.checkpoint.checkpoint_id).toBe(checkpoint.checkpoint_id);
  }),
  row('PATCH /threads/{thread_id}/state', 'threads.patchState', async ({ client }) => {
    const threadId = await threadWithState(client);
    await client.threads.patchState(threadId, { seen: true });
    expect((await client.threads.getState(threadId)).metadata).toMatchObject({ seen: true });
  }),
  row('POST /threads/{thread_id}/history', 'threads.getHistory', async ({ client }) => {
    const threadId = await threadWithState(client);
    const history = expectShape(
      await client.threads.getHistory<Log>(threadId, { limit: 3 }),
      listOf(THREAD_STATE),
    );
    expect(history.map((state) => state.values.log.length)).toEqual([8, 7, 6]);
    const before = history[1]?.checkpoint as never;
    const older = await client.threads.getHistory<Log>(threadId, { before, limit: 1 });
    expect(older.map((state) => state.values.log.length)).toEqual([6]);
  }),
  row('GET /threads/{thread_id}/history', null, async ({ client, url }) => {
    const threadId = await threadWithState(client);
    const response = await fetch(`${url}/threads/${threadId}/history?limit=2`);
    expectShape((await response.json()) as unknown[], listOf(THREAD_STATE));
  }),
  row('GET /threads/{thread_id}/stream', 'threads.joinStream', async ({ client }) => {
    const threadId = await threadWithState(client);
    const seen = [];
    for await (const { event } of client.threads.joinStream(threadId, { lastEventId: '-' })) {
      if (event) seen.push(event);
      if (event === 'values' && seen.filter((name) => name === 'values').length === 9) break;
    }
    expect(seen[0]).toBe('metadata');
  }),
  row('POST /threads/{thread_id}/commands', 'threads.stream', async ({ client }) => {
    const thread = client.threads.stream({ assistantId: 'steps', transport: 'sse' });
    await thread.run.start({ input: { ms: 1 } });
    expect(((await thread.output) as Log).log).toHaveLength(8);
    await thread.close();
  }),
  row('POST /threads/{thread_id}/stream/events', 'threads.stream (subscribe)', async ({ client }) => {
    const thread = client.threads.stream({ assistantId: 'nested', transport: 'sse' });
    const events = await thread.subscribe({ channels: ['updates'] });
    await thread.run.start({ input: {} });
    for await (const event of events) {
      if (event.params.namespace.length === 1) break;
    }
    await thread.close();
  }),
];
