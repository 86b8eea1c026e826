/**
 * What each documented field of threads and their states does.
 */
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { partOf, shows, type Answer, type FieldProbe, type FieldScenario } from './field-probe.js';

interface State {
  values: { log: string[] };
  checkpoint: { checkpoint_id: string };
}

async function ended({ client }: FieldProbe, graph = 'steps', metadata = {}): Promise<string> {
  const { thread_id } = await client.threads.create({ metadata });
  await client.runs.wait(thread_id, graph, { input: graph === 'steps' ? { ms: 1 } : {} });
  return thread_id;
}

/** The checkpoint before the last step. */
async function earlier({ client }: FieldProbe, threadId: string): Promise<{ checkpoint_id: string }> {
  const [, second] = await client.threads.getHistory(threadId);
  return { checkpoint_id: second?.checkpoint.checkpoint_id ?? '' };
}

const lengths = ({ body }: Answer): number[] => (body as State[]).map(({ values }) => values.log.length);

const ofState = (route: string): FieldScenario =>
  shows(route, 'subgraphs select', async (send, probe) => {
    const thread_id = await ended(probe, 'asks_inside');
    const [newest] = await probe.client.threads.getHistory(thread_id);
    const path = { thread_id, checkpoint_id: newest?.checkpoint.checkpoint_id ?? '' };
    const inside = async (query: Record<string, string>): Promise<unknown> =>
      partOf(await send({ path, query }), 'tasks.0.state');
    expect(await inside({ subgraphs: 'true' })).toMatchObject({ values: {}, next: ['question'] });
    expect(await inside({ subgraphs: 'false' })).toBeNull();
    expect((await send({ path, query: { select: 'next' } })).body).toEqual({ next: ['inner'] });
  });

export const FIELDS_OF_THREADS: readonly FieldScenario[] = [
  shows('POST /threads', 'thread_id metadata if_exists ttl supersteps', async (send, { client }) => {
    const thread_id = randomUUID();
    const updates = [{ values: { ms: 1, log: ['moved'] }, as_node: '__start__' }];
    const body = {
      thread_id,
      metadata: { graph_id: 'steps', m: 1 },
      ttl: { ttl: 5, strategy: 'keep_latest' },
      supersteps: [{ updates }],
    };
    await send({ body });
    expect(await client.threads.get(thread_id, { include: ['ttl'] })).toMatchObject({
      metadata: { m: 1 },
      values: { log: ['moved'] },
      ttl: { strategy: 'keep_latest', ttl_minutes: 5 },
    });
    expect((await send({ body: { thread_id, if_exists: 'raise' } })).status).toBe(409);
    expect((await send({ body: { thread_id, if_exists: 'do_nothing' } })).body).toMatchObject({ thread_id });
  }),
  shows('PATCH /threads/{thread_id}', 'metadata ttl', async (send, { client }) => {
    const { thread_id } = await client.threads.create({ metadata: { a: 1 } });
    await send({ path: { thread_id }, body: { metadata: { b: 2 }, ttl: 7 } });
    expect(await client.threads.get(thread_id, { include: ['ttl'] })).toMatchObject({
      metadata: { a: 1, b: 2 },
      ttl: { ttl_minutes: 7 },
    });
  }),
  shows('GET /threads/{thread_id}', 'include', async (send, { client }) => {
    const { thread_id } = await client.threads.create({ ttl: 5 });
    const { body } = await send({ path: { thread_id }, query: { include: 'ttl' } });
    expect(body).toMatchObject({ ttl: { ttl_minutes: 5 } });
  }),
  shows(
    'POST /threads/search',
    'ids metadata values status limit offset sort_by sort_order select extract',
    async (send, probe) => {
      const mark = randomUUID();
      const ids = [await ended(probe, 'steps', { mark }), await ended(probe, 'ask', { mark })];
      const search = async (given: object): Promise<unknown> => {
        const body = {
          metadata: { mark },
          sort_by: 'created_at',
          sort_order: 'asc',
          select: ['thread_id'],
          ...given,
        };
        return (await send({ body })).body;
      };
      const [first, second] = ids.map((thread_id) => ({ thread_id }));
      expect(await search({})).toEqual([first, second]);
      expect(await search({ sort_order: 'desc' })).toEqual([second, first]);
      expect(await search({ ids: [ids[1], randomUUID()] })).toEqual([second]);
      expect(await search({ values: { log: ['step3'] } })).toEqual([first]);
      expect(await search({ status: 'interrupted' })).toEqual([second]);
      expect(await search({ limit: 1, offset: 1 })).toEqual([second]);
      expect(await search({ limit: 1, extract: { last: 'values.log[-1]' } })).toEqual([
        { ...first, extracted: { last: 'step7' } },
      ]);
    },
  ),
  shows('POST /threads/count', 'metadata values status', async (send, probe) => {
    const mark = randomUUID();
    await ended(probe, 'steps', { mark });
    await ended(probe, 'ask', { mark });
    const count = async (body: object): Promise<unknown> =>
      (await send({ body: { metadata: { mark }, ...body } })).body;
    const counts = [
      await count({}),
      await count({ values: { log: ['step3'] } }),
      await count({ status: 'busy' }),
    ];
    expect(counts).toEqual([2, 1, 0]);
  }),
  shows('POST /threads/prune', 'thread_ids strategy', async (send, probe) => {
    const thread_id = await ended(probe);
    await send({ body: { thread_ids: [thread_id], strategy: 'keep_latest' } });
    expect(await probe.client.threads.getHistory(thread_id)).toHaveLength(1);
    await send({ body: { thread_ids: [thread_id], strategy: 'delete' } });
    await expect(probe.client.threads.get(thread_id)).rejects.toThrow(/404/);
  }),
  ofState('GET /threads/{thread_id}/state'),
  ofState('GET /threads/{thread_id}/state/{checkpoint_id}'),
  shows('POST /threads/{thread_id}/state/checkpoint', 'checkpoint subgraphs select', async (send, probe) => {
    const thread_id = await ended(probe);
    const checkpoint = await earlier(probe, thread_id);
    const { body } = await send({ path: { thread_id }, body: { checkpoint, select: ['values'] } });
    expect(Object.keys(body as object)).toEqual(['values']);
    expect((body as State).values.log).toHaveLength(7);
    const asking = await ended(probe, 'asks_inside');
    const newest = (await probe.client.threads.getState(asking)).checkpoint;
    const sending = { path: { thread_id: asking }, body: { checkpoint: newest } };
    const inside = { next: ['question'] };
    const inBody = await send({ ...sending, body: { checkpoint: newest, subgraphs: true } });
    expect(partOf(inBody, 'tasks.0.state')).toMatchObject(inside);
    expect(partOf(await send({ ...sending, query: { subgraphs: 'true' } }), 'tasks.0.state')).toMatchObject(
      inside,
    );
    expect(partOf(await send(sending), 'tasks.0.state')).toBeNull();
  }),
  shows('POST /threads/{thread_id}/state', 'values as_node checkpoint checkpoint_id', async (send, probe) => {
    const thread_id = await ended(probe);
    const checkpoint = await earlier(probe, thread_id);
    for (const from of [{ checkpoint }, checkpoint]) {
      await send({ path: { thread_id }, body: { values: { log: ['mine'] }, as_node: 'step6', ...from } });
      const state = await probe.client.threads.getState<State['values']>(thread_id);
      expect([state.values.log.length, state.values.log.at(-1), state.next]).toEqual([8, 'mine', ['step7']]);
    }
  }),
  shows('PATCH /threads/{thread_id}/state', 'metadata', async (send, probe) => {
    const thread_id = await ended(probe);
    await send({ path: { thread_id }, body: { metadata: { seen: true } } });
    expect((await probe.client.threads.getState(thread_id)).metadata).toMatchObject({ seen: true });
  }),
  shows(
    'POST /threads/{thread_id}/history',
    'limit before metadata checkpoint select',
    async (send, probe) => {
      const thread_id = await ended(probe);
      const path = { thread_id };
      const before = await earlier(probe, thread_id);
      expect(lengths(await send({ path, body: { limit: 2 } }))).toEqual([8, 7]);
      expect(lengths(await send({ path, body: { before } }))).toEqual([6]);
      expect(lengths(await send({ path, body: { limit: 9, metadata: { step: 3 } } }))).toEqual([3]);
      expect(
        (await send({ path, body: { limit: 1, checkpoint: { checkpoint_ns: 'elsewhere' } } })).body,
      ).toEqual([]);
      expect((await send({ path, body: { select: ['next'] } })).body).toEqual([{ next: [] }]);
    },
  ),
  shows('GET /threads/{thread_id}/history', 'limit before select', async (send, probe) => {
    const thread_id = await ended(probe);
    const before = (await earlier(probe, thread_id)).checkpoint_id;
    expect(lengths(await send({ path: { thread_id }, query: { limit: '2', before } }))).toEqual([6, 5]);
    expect((await send({ path: { thread_id }, query: { select: 'next' } })).body).toEqual([{ next: [] }]);
  }),
  shows('GET /threads/{thread_id}/stream', 'stream_mode stream_modes', async (_send, probe) => {
    const thread_id = await ended(probe);
    const route = 'GET /threads/{thread_id}/stream';
    for (const name of ['stream_mode', 'stream_modes']) {
      const abort = new AbortController();
      const query = { [name]: 'lifecycle' };
      const response = await probe.open(route, { path: { thread_id }, query, signal: abort.signal });
      expect(response.status).toBe(200);
      abort.abort();
      const wrong = await probe.send(route, { path: { thread_id }, query: { [name]: 'nonsense' } });
      expect([wrong.status, partOf(wrong, 'detail')]).toEqual([422, expect.stringContaining(name)]);
    }
  }),
];
