/**
 * What each documented field of assistants does.
 */
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { partOf, shows, type FieldProbe, type FieldScenario } from './field-probe.js';

async function three({ client }: FieldProbe): Promise<{ mark: string; ids: string[] }> {
  const mark = randomUUID();
  const ids = [];
  for (const name of ['b', 'a', 'c']) {
    const graphId = name === 'c' ? 'ask' : 'steps';
    ids.push((await client.assistants.create({ graphId, name, metadata: { mark } })).assistant_id);
  }
  return { mark, ids };
}

async function assistant({ client }: FieldProbe): Promise<string> {
  return (await client.assistants.create({ graphId: 'steps', metadata: { v: 1 } })).assistant_id;
}

const names = (body: { name: string }[]): string[] => body.map(({ name }) => name);

export const FIELDS_OF_ASSISTANTS: readonly FieldScenario[] = [
  shows('POST /assistants', 'graph_id config context metadata name description', async (send, { client }) => {
    const given = {
      graph_id: 'steps',
      config: { tags: ['t'] },
      context: { c: 1 },
      metadata: { m: 1 },
      name: 'n',
      description: 'd',
    };
    const id = partOf(await send({ body: given }), 'assistant_id') as string;
    expect(await client.assistants.get(id)).toMatchObject(given);
  }),
  shows('POST /assistants', 'assistant_id if_exists', async (send) => {
    const body = { graph_id: 'steps', assistant_id: randomUUID() };
    expect((await send({ body })).body).toMatchObject(body);
    expect((await send({ body: { ...body, if_exists: 'raise' } })).status).toBe(409);
    expect((await send({ body: { ...body, if_exists: 'do_nothing' } })).body).toMatchObject(body);
  }),
  shows(
    'PATCH /assistants/{assistant_id}',
    'graph_id config context metadata name description',
    async (send, probe) => {
      const assistant_id = await assistant(probe);
      const given = {
        graph_id: 'ask',
        config: { tags: ['t'] },
        context: { c: 1 },
        metadata: { m: 1 },
        name: 'n',
        description: 'd',
      };
      await send({ path: { assistant_id }, body: given });
      const changed = await probe.client.assistants.get(assistant_id);
      expect(changed).toMatchObject({ ...given, metadata: { v: 1, m: 1 }, version: 2 });
    },
  ),
  shows('DELETE /assistants/{assistant_id}', 'delete_threads', async (send, { client }) => {
    for (const [delete_threads, status] of Object.entries({ false: 200, true: 404 })) {
      const { assistant_id } = await client.assistants.create({ graphId: 'steps' });
      const { thread_id } = await client.threads.create();
      await client.runs.wait(thread_id, assistant_id, { input: { ms: 1 } });
      await send({ path: { assistant_id }, query: { delete_threads } });
      const thread = client.threads.get(thread_id);
      if (status === 404) await expect(thread).rejects.toThrow(/404/);
      else expect((await thread).thread_id).toBe(thread_id);
    }
  }),
  shows(
    'POST /assistants/search',
    'metadata graph_id name limit offset sort_by sort_order select',
    async (send, probe) => {
      const { mark } = await three(probe);
      const metadata = { mark };
      const search = async (body: object): Promise<string[]> =>
        names((await send({ body: { metadata, sort_by: 'name', ...body } })).body as { name: string }[]);
      expect(await search({ sort_order: 'asc' })).toEqual(['a', 'b', 'c']);
      expect(await search({ sort_order: 'desc', limit: 1, offset: 1 })).toEqual(['b']);
      expect(await search({ graph_id: 'ask' })).toEqual(['c']);
      expect(await search({ name: 'A' })).toEqual(['a']);
      expect((await send({ body: { metadata, name: 'b', select: ['name'] } })).body).toEqual([{ name: 'b' }]);
    },
  ),
  shows('POST /assistants/count', 'metadata graph_id name', async (send, probe) => {
    const { mark } = await three(probe);
    const count = async (body: object): Promise<unknown> =>
      (await send({ body: { metadata: { mark }, ...body } })).body;
    expect([await count({}), await count({ graph_id: 'steps' }), await count({ name: 'c' })]).toEqual([
      3, 2, 1,
    ]);
  }),
  shows('POST /assistants/{assistant_id}/versions', 'limit offset metadata', async (send, probe) => {
    const assistant_id = await assistant(probe);
    for (const v of [2, 3]) await probe.client.assistants.update(assistant_id, { metadata: { v } });
    const versions = async (body: object): Promise<number[]> => {
      const answer = await send({ path: { assistant_id }, body });
      return (answer.body as { version: number }[]).map(({ version }) => version);
    };
    expect(await versions({ limit: 1, offset: 1 })).toEqual([2]);
    expect(await versions({ metadata: { v: 1 } })).toEqual([1]);
  }),
  shows('POST /assistants/{assistant_id}/latest', 'version', async (send, probe) => {
    const assistant_id = await assistant(probe);
    await probe.client.assistants.update(assistant_id, { metadata: { v: 2 } });
    expect((await send({ path: { assistant_id }, body: { version: 1 } })).body).toMatchObject({ version: 1 });
    const query = { version: '2' };
    expect((await send({ path: { assistant_id }, query })).body).toMatchObject({ version: 2 });
  }),
  shows('GET /assistants/{assistant_id}/graph', 'xray', async (send) => {
    const nodes = async (xray: string): Promise<number> =>
      (partOf(await send({ path: { assistant_id: 'layered' }, query: { xray } }), 'nodes') as unknown[])
        .length;
    expect([await nodes('false'), await nodes('1'), await nodes('true')]).toEqual([4, 5, 6]);
  }),
  shows('GET /assistants/{assistant_id}/subgraphs', 'recurse', async (send) => {
    const { body } = await send({ path: { assistant_id: 'layered' }, query: { recurse: 'true' } });
    expect(Object.keys(body as object)).toEqual(['middle', 'middle|deep']);
  }),
  shows('GET /assistants/{assistant_id}/subgraphs/{namespace}', 'recurse', async (send) => {
    const path = { assistant_id: 'layered', namespace: 'middle%7Cdeep' };
    const found = async (recurse: string): Promise<string[]> =>
      Object.keys((await send({ path, query: { recurse } })).body as object);
    expect([await found('true'), await found('false')]).toEqual([['middle|deep'], []]);
  }),
];
