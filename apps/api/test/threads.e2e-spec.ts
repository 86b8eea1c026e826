/**
 * Threads through the SDK: everything that a client can do to them, and what the second look shows.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { Client } from 'langgraph-sdk-1.15';
import { apiUrl, query, startStack } from './support.js';

let stack: TestStack;
let client: Client;
beforeAll(async () => {
  stack = await startStack({ apis: 1, workers: 1 });
  client = new Client({ apiUrl: apiUrl(stack), apiKey: null });
}, 120_000);
afterAll(() => stack.stop());

interface Log {
  log: string[];
}

async function threadWithState(metadata: Record<string, unknown> = {}): Promise<string> {
  const { thread_id } = await client.threads.create({ metadata });
  await client.runs.wait(thread_id, 'steps', { input: { ms: 1 } });
  return thread_id;
}

async function send(method: string, path: string, body?: unknown, headers = {}): Promise<Response> {
  return fetch(`${apiUrl(stack)}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

describe('a thread', () => {
  it('is patched: metadata is merged, and the answer may be empty', async () => {
    const { thread_id } = await client.threads.create({ metadata: { a: 1, b: 1 } });
    expect((await client.threads.update(thread_id, { metadata: { b: 2 } })).metadata).toMatchObject({
      a: 1,
      b: 2,
    });
    expect(
      await client.threads.update(thread_id, { metadata: { c: 3 }, returnMinimal: true }),
    ).toBeUndefined();
    expect((await client.threads.get(thread_id)).metadata).toEqual({ a: 1, b: 2, c: 3 });
    await expect(client.threads.update(randomUUID(), { metadata: {} })).rejects.toThrow(/404/);
  });

  it('is made once by repeated requests with one key, also when the client names its id', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const make = async (body: object): Promise<[number, string]> => {
      const response = await send('POST', '/threads', body, headers);
      return [response.status, ((await response.json()) as { thread_id: string }).thread_id];
    };
    const [first, second] = [await make({ metadata: { x: 1 } }), await make({ metadata: { x: 1 } })];
    expect(second).toEqual(first);
    expect((await make({ metadata: { x: 2 } }))[0]).toBe(409);
  });

  it('begins with the supersteps of another conversation', async () => {
    const created = await client.threads.create({
      graphId: 'steps',
      supersteps: [
        { updates: [{ values: { ms: 1, log: ['moved'] }, asNode: '__start__' }] },
        { updates: [{ values: { log: ['here'] }, asNode: 'step6' }] },
      ],
    });
    expect(created.values as unknown as Log).toMatchObject({ log: ['moved', 'here'] });
    expect(created.status).toBe('interrupted');
    const state = await client.threads.getState<Log>(created.thread_id);
    expect([state.values.log, state.next]).toEqual([['moved', 'here'], ['step7']]);
    const ended = (await client.runs.wait(created.thread_id, 'steps', { input: null })) as unknown as Log;
    expect(ended.log).toEqual(['moved', 'here', 'step7']);
  });

  it('is not made when its supersteps are wrong', async () => {
    const thread_id = randomUUID();
    const superstep = (as_node: string): object => ({ updates: [{ values: { log: ['x'] }, as_node }] });
    const wrong = {
      thread_id,
      metadata: { graph_id: 'steps' },
      supersteps: [superstep('step1'), superstep('nowhere')],
    };
    const response = await send('POST', '/threads', wrong);
    expect([response.status, await response.json()]).toMatchObject([
      422,
      { detail: expect.stringMatching(/^supersteps: .*nowhere/) as unknown },
    ]);
    await expect(client.threads.get(thread_id)).rejects.toThrow(/404/);
    const noGraph = await send('POST', '/threads', { supersteps: [superstep('step1')] });
    expect(noGraph.status).toBe(422);
  });

  it('is copied with its state, its history and its values, and goes its own way', async () => {
    const threadId = await threadWithState({ user: 'one' });
    const copy = await client.threads.copy(threadId);
    const original = await client.threads.get<Log>(threadId);
    expect([copy.values, copy.metadata, copy.status]).toEqual([original.values, original.metadata, 'idle']);
    const ids = async (id: string): Promise<unknown[]> =>
      (await client.threads.getHistory(id, { limit: 100 })).map((state) => state.checkpoint.checkpoint_id);
    expect(await ids(copy.thread_id)).toEqual(await ids(threadId));
    await client.runs.wait(copy.thread_id, 'steps', { input: { ms: 1 } });
    expect((await client.threads.get<Log>(copy.thread_id)).values.log).toHaveLength(16);
    expect((await client.threads.get<Log>(threadId)).values.log).toHaveLength(8);
    await expect(client.threads.copy(randomUUID())).rejects.toThrow(/409/);
  });

  it('is pruned: deleted, or left with its newest state', async () => {
    const [kept, deleted] = [await threadWithState(), await threadWithState()];
    const blobs = async (): Promise<number> => {
      const text = 'SELECT count(*)::int FROM langgraph.checkpoint_blobs WHERE thread_id = $1';
      return (await query<{ count: number }>(stack, text, [kept]))[0]?.count ?? 0;
    };
    const before = await blobs();
    expect(await client.threads.prune([kept, randomUUID()], { strategy: 'keep_latest' })).toEqual({
      pruned_count: 1,
    });
    expect(await client.threads.getHistory(kept, { limit: 100 })).toHaveLength(1);
    expect((await client.threads.getState<Log>(kept)).values.log).toHaveLength(8);
    expect(await blobs()).toBeLessThan(before);
    expect(
      ((await client.runs.wait(kept, 'steps', { input: { ms: 1 } })) as unknown as Log).log,
    ).toHaveLength(16);
    expect(await client.threads.prune([deleted])).toEqual({ pruned_count: 1 });
    await expect(client.threads.get(deleted)).rejects.toThrow(/404/);
  });
});

describe('the time to live of a thread', () => {
  const expire = (threadId: string): Promise<unknown> =>
    query(stack, `UPDATE thread SET expires_at = now() - interval '1 second' WHERE thread_id = $1`, [
      threadId,
    ]);

  it('is told to those who ask, and moved on by a run', async () => {
    const { thread_id } = await client.threads.create({ ttl: 60 });
    expect(await client.threads.get(thread_id)).not.toHaveProperty('ttl');
    const read = async (): Promise<{ strategy: string; ttl_minutes: number; expires_at: string }> => {
      const { ttl } = (await client.threads.get(thread_id, { include: ['ttl'] })) as unknown as {
        ttl: never;
      };
      return ttl;
    };
    const before = await read();
    expect(before).toMatchObject({ strategy: 'delete', ttl_minutes: 60 });
    await client.runs.wait(thread_id, 'steps', { input: { ms: 1 } });
    expect(Date.parse((await read()).expires_at)).toBeGreaterThan(Date.parse(before.expires_at));
    await client.threads.update(thread_id, { ttl: { ttl: 5, strategy: 'keep_latest' } as never });
    expect(await read()).toMatchObject({ strategy: 'keep_latest', ttl_minutes: 5 });
  });

  it('deletes the thread when it is over, or its history', async () => {
    const deleted = await threadWithState();
    const pruned = await threadWithState();
    await client.threads.update(deleted, { ttl: 60 });
    await client.threads.update(pruned, { ttl: { ttl: 60, strategy: 'keep_latest' } as never });
    await Promise.all([expire(deleted), expire(pruned)]);
    await waitUntil(
      () =>
        client.threads.get(deleted).then(
          () => false,
          () => true,
        ),
      { timeoutMs: 25_000 },
    );
    await waitUntil(async () => (await client.threads.getHistory(pruned, { limit: 100 })).length === 1, {
      timeoutMs: 25_000,
    });
    expect((await client.threads.get<Log>(pruned)).values.log).toHaveLength(8);
  }, 60_000);

  it.each([0, -5, 'soon', { ttl: 5, strategy: 'archive' }, {}])('%j is refused', async (ttl) => {
    const response = await send('POST', '/threads', { ttl });
    expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([
      422,
      expect.stringMatching(/^ttl: must be/),
    ]);
  });
});

describe('a search', () => {
  const user = randomUUID();
  let threads: string[];
  beforeAll(async () => {
    threads = await Promise.all([1, 2, 3].map((place) => threadWithState({ user, place })));
    await client.runs.wait(threads[2] ?? '', 'ask', { input: {} });
  });

  it('finds by metadata, values, status and ids, counts, and pages', async () => {
    const search = async (by: object): Promise<string[]> =>
      (
        await client.threads.search({ metadata: { user }, sortBy: 'created_at', sortOrder: 'asc', ...by })
      ).map((thread) => thread.thread_id);
    expect(new Set(await search({}))).toEqual(new Set(threads));
    expect(await search({ metadata: { user, place: 2 } })).toEqual([threads[1]]);
    expect(await search({ status: 'interrupted' })).toEqual([threads[2]]);
    expect(await search({ ids: [threads[0]] })).toEqual([threads[0]]);
    expect(await search({ values: { log: ['step7'] } })).toHaveLength(3);
    expect(await search({ values: { log: ['elsewhere'] } })).toEqual([]);
    expect(await client.threads.count({ metadata: { user } })).toBe(3);
    expect(await client.threads.count({ metadata: { user }, status: 'idle' })).toBe(2);
    const response = await send('POST', '/threads/search', { metadata: { user }, limit: 2 });
    expect([response.headers.get('x-pagination-total'), response.headers.get('x-pagination-next')]).toEqual([
      '3',
      '2',
    ]);
  });

  it('returns only what is selected, and parts under names of their own', async () => {
    const found = await client.threads.search({
      metadata: { user, place: 1 },
      select: ['thread_id', 'status'],
      extract: { last: 'values.log[-1]', who: 'metadata.user', none: 'values.nothing.here' },
    });
    expect(found).toEqual([
      { thread_id: threads[0], status: 'idle', extracted: { last: 'step7', who: user, none: null } },
    ]);
    const refused = await send('POST', '/threads/search', { extract: { x: 'secrets.y' } });
    expect([refused.status, ((await refused.json()) as { detail: string }).detail]).toEqual([
      422,
      expect.stringMatching(/^extract: must be/),
    ]);
  });
});

describe('the state of a thread', () => {
  it('is updated as if a node had, from a checkpoint of the past too', async () => {
    const threadId = await threadWithState();
    const updated = await client.threads.updateState(threadId, {
      values: { log: ['by hand'] },
      asNode: 'step5',
    });
    const state = await client.threads.getState<Log>(threadId);
    expect(state.checkpoint.checkpoint_id).toBe(
      (updated as { checkpoint?: { checkpoint_id: string } }).checkpoint?.checkpoint_id,
    );
    expect([state.values.log.at(-1), state.next]).toEqual(['by hand', ['step6']]);
    const thread = await client.threads.get<Log>(threadId);
    expect([thread.status, thread.values.log.at(-1)]).toEqual(['interrupted', 'by hand']);
    const past = (await client.threads.getHistory<Log>(threadId, { limit: 100 })).find(
      ({ next }) => next[0] === 'step2',
    );
    await client.threads.updateState(threadId, {
      values: { log: ['forked'] },
      checkpointId: past?.checkpoint.checkpoint_id ?? '',
      asNode: 'step1',
    });
    expect((await client.threads.getState<Log>(threadId)).values.log).toEqual(['step0', 'step1', 'forked']);
  });

  it('cannot be updated while a run is active, nor without a graph, nor with what the graph does not take', async () => {
    const { thread_id } = await client.threads.create();
    await expect(client.threads.updateState(thread_id, { values: {} })).rejects.toThrow(/400/);
    const run = await client.runs.create(thread_id, 'steps', { afterSeconds: 60 });
    await expect(
      client.threads.updateState(thread_id, { values: { log: [] }, asNode: 'step1' }),
    ).rejects.toThrow(/409.*busy/);
    await client.runs.cancel(thread_id, run.run_id, true);
    await expect(
      client.threads.updateState(thread_id, { values: { log: [] }, asNode: 'nowhere' }),
    ).rejects.toThrow(/422.*nowhere/);
    expect(await client.threads.getHistory(thread_id)).toEqual([]);
  });

  it('lets one of an update and a run that come together go first', async () => {
    const threadId = await threadWithState();
    const [update] = await Promise.allSettled([
      client.threads.updateState(threadId, { values: { log: ['by hand'] }, asNode: '__start__' }),
      client.runs.wait(threadId, 'steps', { input: { ms: 1 } }),
    ]);
    const { log } = (await client.threads.getState<Log>(threadId)).values;
    expect(log.filter((entry) => entry === 'by hand')).toHaveLength(update.status === 'fulfilled' ? 1 : 0);
    expect(log.filter((entry) => entry === 'step7').length).toBe(2);
  });

  it('has metadata that can be patched', async () => {
    const threadId = await threadWithState();
    await client.threads.patchState(threadId, { reviewed: true });
    const state = await client.threads.getState(threadId);
    expect(state.metadata).toMatchObject({ reviewed: true, source: 'loop' });
    expect((await send('PATCH', `/threads/${threadId}/state`, { metadata: { step: 1 } })).status).toBe(422);
    const empty = await client.threads.create();
    await expect(client.threads.patchState(empty.thread_id, {})).rejects.toThrow(/404/);
  });

  it('takes up room, which is told by channel', async () => {
    const threadId = await threadWithState();
    const { channels, total, ...others } = (await (
      await send('GET', `/threads/${threadId}/storage`)
    ).json()) as { channels: Record<string, number>; total: number; checkpoints: number; writes: number };
    expect(channels['log']).toBeGreaterThan(100);
    const parts: number[] = [...Object.values(channels), ...Object.values(others)];
    expect(total).toBe(parts.reduce((sum, bytes) => sum + bytes, 0));
    expect((await send('GET', `/threads/${randomUUID()}/storage`)).status).toBe(404);
  });

  it('is read in parts', async () => {
    const threadId = await threadWithState();
    expect(await client.threads.getState(threadId, undefined, { select: ['next', 'values.ms'] })).toEqual({
      next: [],
      values: { ms: 1 },
    });
    const [newest] = await client.threads.getHistory(threadId, { limit: 1, select: ['checkpoint'] });
    const at = await client.threads.getState(threadId, newest?.checkpoint, {
      select: ['values.log'],
    });
    expect(Object.keys(at)).toEqual(['values']);
    const refused = await send('GET', `/threads/${threadId}/state?select=everything`);
    expect(refused.status).toBe(422);
  });
});
