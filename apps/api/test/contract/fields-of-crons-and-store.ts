/**
 * What each documented field of crons and of the store does.
 */
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Cron } from 'langgraph-sdk-1.15';
import { partOf, shows, type FieldProbe, type FieldScenario } from './field-probe.js';

const YEARLY = '0 0 1 1 *';
const PAYLOAD = {
  input: { ms: 1 },
  config: { tags: ['t'] },
  context: { c: 1 },
  webhook: 'http://receiver.invalid/',
  interrupt_before: ['step1'],
  interrupt_after: '*',
  multitask_strategy: 'reject',
  durability: 'exit',
  stream_mode: ['updates'],
  stream_subgraphs: true,
  stream_resumable: true,
};
const TIMES = {
  schedule: '30 2 * * *',
  timezone: 'America/New_York',
  end_time: '2100-01-01T00:00:00.000Z',
  enabled: false,
  on_run_completed: 'keep',
};

async function cronOf(probe: FieldProbe, mark: string, more: object = {}): Promise<Cron> {
  const { thread_id } = await probe.client.threads.create();
  const payload = { schedule: YEARLY, metadata: { mark }, ...more };
  return (await probe.client.crons.createForThread(thread_id, 'steps', payload)) as unknown as Cron;
}

function created(route: string): FieldScenario {
  const fields = [
    'assistant_id',
    'metadata',
    'checkpoint_during',
    ...Object.keys(PAYLOAD),
    ...Object.keys(TIMES),
  ];
  return shows(route, fields.join(' '), async (send, { client }) => {
    const path = { thread_id: (await client.threads.create()).thread_id };
    const metadata = { mark: randomUUID() };
    const body = { assistant_id: 'steps', metadata, ...PAYLOAD, ...TIMES };
    const cron = (await send({ path, body })).body as Cron;
    const { assistant_id } = await client.assistants.get('steps');
    expect(cron).toMatchObject({ assistant_id, metadata, payload: PAYLOAD, ...TIMES });
    const found = (await client.crons.search({ metadata })) as { cron_id: string }[];
    expect(found.map(({ cron_id }) => cron_id)).toEqual([cron.cron_id]);
    const { durability: _durability, ...rest } = body;
    const older = await send({ path, body: { ...rest, checkpoint_during: false } });
    expect(older.body).toMatchObject({ payload: { checkpoint_during: false } });
  });
}

const CRONS: readonly FieldScenario[] = [
  created('POST /runs/crons'),
  created('POST /threads/{thread_id}/runs/crons'),
  shows(
    'PATCH /runs/crons/{cron_id}',
    ['metadata', ...Object.keys(PAYLOAD), ...Object.keys(TIMES)].join(' '),
    async (send, probe) => {
      const { cron_id } = await cronOf(probe, randomUUID());
      const mark = randomUUID();
      await send({ path: { cron_id }, body: { metadata: { mark }, ...PAYLOAD, ...TIMES } });
      const [changed] = await probe.client.crons.search({ metadata: { mark } });
      expect(changed).toMatchObject({ cron_id, payload: PAYLOAD, ...TIMES });
    },
  ),
  shows(
    'POST /runs/crons/search',
    'assistant_id thread_id enabled metadata limit offset sort_by sort_order select',
    async (send, probe) => {
      const mark = randomUUID();
      const first = await cronOf(probe, mark);
      const second = await cronOf(probe, mark, { enabled: false });
      const search = async (given: object): Promise<string[]> => {
        const body = { metadata: { mark }, sort_by: 'created_at', sort_order: 'asc', ...given };
        return ((await send({ body })).body as Cron[]).map(({ cron_id }) => cron_id);
      };
      expect(await search({})).toEqual([first.cron_id, second.cron_id]);
      expect(await search({ sort_order: 'desc', limit: 1 })).toEqual([second.cron_id]);
      expect(await search({ limit: 1, offset: 1 })).toEqual([second.cron_id]);
      expect(await search({ thread_id: first.thread_id })).toEqual([first.cron_id]);
      expect(await search({ enabled: false })).toEqual([second.cron_id]);
      expect(await search({ assistant_id: 'ask' })).toEqual([]);
      const selected = await send({ body: { thread_id: first.thread_id, select: ['schedule'] } });
      expect(selected.body).toEqual([{ schedule: YEARLY }]);
    },
  ),
  shows('POST /runs/crons/count', 'assistant_id thread_id enabled metadata', async (send, probe) => {
    const mark = randomUUID();
    const { thread_id } = await cronOf(probe, mark);
    await cronOf(probe, mark, { enabled: false });
    const count = async (body: object): Promise<unknown> =>
      (await send({ body: { metadata: { mark }, ...body } })).body;
    expect([await count({}), await count({ thread_id }), await count({ enabled: false })]).toEqual([2, 1, 1]);
    expect([await count({ assistant_id: 'ask' }), await count({ assistant_id: 'steps' })]).toEqual([0, 2]);
  }),
];

const STORE: readonly FieldScenario[] = [
  shows('PUT /store/items', 'namespace key value index ttl', async (send, { client }) => {
    const namespace = [randomUUID()];
    const body = { namespace, key: 'k', value: { a: 1 } };
    expect((await send({ body: { ...body, index: false, ttl: 5 } })).status).toBe(204);
    expect(await client.store.getItem(namespace, 'k')).toMatchObject(body);
    const wrong = async (more: object): Promise<string> =>
      partOf(await send({ body: { ...body, ...more } }), 'detail') as string;
    expect(await wrong({ index: 'x' })).toMatch(/^index/);
    expect(await wrong({ ttl: 'x' })).toMatch(/^ttl/);
  }),
  shows('GET /store/items', 'namespace key refresh_ttl', async (send, { client }) => {
    const namespace = [randomUUID(), 'b'];
    await client.store.putItem(namespace, 'k', { a: 1 });
    const query = { namespace: namespace.join('.'), key: 'k', refresh_ttl: 'false' };
    expect((await send({ query })).body).toMatchObject({ namespace, key: 'k', value: { a: 1 } });
    expect(partOf(await send({ query: { ...query, refresh_ttl: 'maybe' } }), 'detail')).toMatch(
      /^refresh_ttl/,
    );
  }),
  shows('DELETE /store/items', 'namespace key', async (send, { client }) => {
    const namespace = [randomUUID()];
    for (const key of ['k', 'l']) await client.store.putItem(namespace, key, {});
    await send({ body: { namespace, key: 'k' } });
    expect((await client.store.searchItems(namespace)).items.map(({ key }) => key)).toEqual(['l']);
  }),
  shows(
    'POST /store/items/search',
    'namespace_prefix filter limit offset query refresh_ttl',
    async (send, { client }) => {
      const root = randomUUID();
      for (const n of [1, 2, 3]) await client.store.putItem([root, String(n)], 'k', { n, said: `word${n}` });
      const search = async (more: object): Promise<number[]> => {
        const found = await send({ body: { namespace_prefix: [root], refresh_ttl: true, ...more } });
        return (partOf(found, 'items') as { value: { n: number } }[]).map(({ value }) => value.n).sort();
      };
      expect(await search({})).toEqual([1, 2, 3]);
      expect(await search({ filter: { n: 2 } })).toEqual([2]);
      expect(await search({ limit: 1, offset: 2 })).toHaveLength(1);
      expect(await search({ query: 'word3' })).toEqual([3]);
    },
  ),
  shows('POST /store/namespaces', 'prefix suffix max_depth limit offset', async (send, { client }) => {
    const root = randomUUID();
    for (const leaf of ['x', 'y']) await client.store.putItem([root, 'a', leaf], 'k', {});
    const list = async (more: object): Promise<unknown[]> =>
      partOf(await send({ body: { prefix: [root], ...more } }), 'namespaces') as unknown[];
    expect(await list({ suffix: ['y'] })).toEqual([[root, 'a', 'y']]);
    expect(await list({ max_depth: 2 })).toEqual([[root, 'a']]);
    expect([(await list({ limit: 1 })).length, (await list({ offset: 1 })).length]).toEqual([1, 1]);
  }),
];

export const FIELDS_OF_CRONS_AND_STORE: readonly FieldScenario[] = [...CRONS, ...STORE];
