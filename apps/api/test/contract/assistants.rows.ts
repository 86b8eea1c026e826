/**
 * The contract of assistants.
 */
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { row, type ContractRow } from './contract-row.js';
import { ASSISTANT, ASSISTANT_VERSION, DRAWING, GRAPH_SCHEMAS, SUBGRAPH_SCHEMAS } from './resource-shapes.js';
import { expectShape, integer, listOf } from './shape.js';

const mark = (): { mark: string } => ({ mark: randomUUID() });

export const ASSISTANTS: readonly ContractRow[] = [
  row('POST /assistants', 'assistants.create', async ({ client }) => {
    const given = {
      graphId: 'steps',
      name: 'n',
      description: 'd',
      metadata: mark(),
      assistantId: randomUUID(),
    };
    const config = { configurable: { a: 1 }, tags: ['t'] };
    const made = expectShape(
      await client.assistants.create({ ...given, config, context: { c: 1 }, ifExists: 'raise' }),
      ASSISTANT,
    );
    expect(made).toMatchObject({
      assistant_id: given.assistantId,
      graph_id: 'steps',
      config,
      context: { c: 1 },
    });
    expect(await client.assistants.get(given.assistantId)).toEqual(made);
    await expect(client.assistants.create(given)).rejects.toThrow(/409/);
    expect(await client.assistants.create({ ...given, ifExists: 'do_nothing' })).toEqual(made);
  }),
  row('GET /assistants/{assistant_id}', 'assistants.get', async ({ client }) => {
    const byGraph = expectShape(await client.assistants.get('steps'), ASSISTANT);
    expect(await client.assistants.get(byGraph.assistant_id)).toEqual(byGraph);
    await expect(client.assistants.get(randomUUID())).rejects.toThrow(/404/);
  }),
  row('PATCH /assistants/{assistant_id}', 'assistants.update', async ({ client }) => {
    const { assistant_id } = await client.assistants.create({ graphId: 'steps', metadata: { a: 1 } });
    const changed = await client.assistants.update(assistant_id, {
      graphId: 'ask',
      metadata: { b: 2 },
      name: 'other',
      description: 'said',
      config: { recursion_limit: 7 },
      context: { c: 2 },
    });
    expect(expectShape(changed, ASSISTANT)).toMatchObject({
      graph_id: 'ask',
      metadata: { a: 1, b: 2 },
      name: 'other',
      version: 2,
    });
    expect(await client.assistants.get(assistant_id)).toEqual(changed);
  }),
  row('DELETE /assistants/{assistant_id}', 'assistants.delete', async ({ client }) => {
    const { assistant_id } = await client.assistants.create({ graphId: 'steps' });
    const { thread_id } = await client.threads.create();
    await client.runs.wait(thread_id, assistant_id, { input: { ms: 1 } });
    await client.assistants.delete(assistant_id, { deleteThreads: true });
    await expect(client.assistants.get(assistant_id)).rejects.toThrow(/404/);
    await expect(client.threads.get(thread_id)).rejects.toThrow(/404/);
  }),
  row('POST /assistants/search', 'assistants.search', async ({ client }) => {
    const metadata = mark();
    for (const name of ['b', 'a', 'c']) await client.assistants.create({ graphId: 'steps', name, metadata });
    const search = { metadata, sortBy: 'name', sortOrder: 'desc', limit: 2 } as const;
    const found = expectShape(await client.assistants.search(search), listOf(ASSISTANT));
    expect(found.map(({ name }) => name)).toEqual(['c', 'b']);
    expect((await client.assistants.search({ ...search, offset: 2 })).map(({ name }) => name)).toEqual(['a']);
    expect(await client.assistants.search({ metadata, name: 'A', select: ['name'] })).toEqual([
      { name: 'a' },
    ]);
  }),
  row('POST /assistants/search', 'assistants.search (includePagination)', async ({ client }) => {
    const metadata = mark();
    for (const name of ['a', 'b']) await client.assistants.create({ graphId: 'steps', name, metadata });
    const page = await client.assistants.search({ metadata, limit: 1, includePagination: true });
    expect([page.assistants.length, page.next]).toEqual([1, '1']);
  }),
  row('POST /assistants/count', 'assistants.count', async ({ client }) => {
    const metadata = mark();
    await client.assistants.create({ graphId: 'steps', metadata });
    expect(expectShape(await client.assistants.count({ metadata }), integer)).toBe(1);
    expect(await client.assistants.count({ metadata, graphId: 'ask' })).toBe(0);
  }),
  row('GET /assistants/{assistant_id}/graph', 'assistants.getGraph', async ({ client }) => {
    const flat = expectShape(await client.assistants.getGraph('layered'), DRAWING);
    const deep = expectShape(await client.assistants.getGraph('layered', { xray: true }), DRAWING);
    const one = await client.assistants.getGraph('layered', { xray: 1 });
    expect(one.nodes.length).toBeGreaterThan(flat.nodes.length);
    expect(deep.nodes.length).toBeGreaterThan(one.nodes.length);
  }),
  row('GET /assistants/{assistant_id}/schemas', 'assistants.getSchemas', async ({ client }) => {
    const schemas = expectShape(await client.assistants.getSchemas('described'), GRAPH_SCHEMAS);
    expect(schemas).toMatchObject({ graph_id: 'described', state_schema: { properties: { city: {} } } });
  }),
  row('GET /assistants/{assistant_id}/subgraphs', 'assistants.getSubgraphs', async ({ client }) => {
    const direct = expectShape(await client.assistants.getSubgraphs('layered'), SUBGRAPH_SCHEMAS);
    expect(Object.keys(direct)).toEqual(['middle']);
    const all = expectShape(
      await client.assistants.getSubgraphs('layered', { recurse: true }),
      SUBGRAPH_SCHEMAS,
    );
    expect(Object.keys(all)).toEqual(['middle', 'middle|deep']);
  }),
  row(
    'GET /assistants/{assistant_id}/subgraphs/{namespace}',
    'assistants.getSubgraphs (namespace)',
    async ({ client }) => {
      const one = await client.assistants.getSubgraphs('layered', { namespace: 'middle' });
      expect(Object.keys(expectShape(one, SUBGRAPH_SCHEMAS))).toEqual(['middle']);
    },
  ),
  row('POST /assistants/{assistant_id}/versions', 'assistants.getVersions', async ({ client }) => {
    const { assistant_id } = await client.assistants.create({ graphId: 'steps', metadata: { v: 1 } });
    await client.assistants.update(assistant_id, { metadata: { v: 2 } });
    const versions = expectShape(
      await client.assistants.getVersions(assistant_id),
      listOf(ASSISTANT_VERSION),
    );
    expect(versions.map(({ version }) => version)).toEqual([2, 1]);
    const first = await client.assistants.getVersions(assistant_id, { metadata: { v: 1 }, limit: 1 });
    expect(first.map(({ version }) => version)).toEqual([1]);
  }),
  row('POST /assistants/{assistant_id}/latest', 'assistants.setLatest', async ({ client }) => {
    const { assistant_id } = await client.assistants.create({ graphId: 'steps', name: 'first' });
    await client.assistants.update(assistant_id, { name: 'second' });
    const back = expectShape(await client.assistants.setLatest(assistant_id, 1), ASSISTANT);
    expect([back.version, back.name]).toEqual([1, 'first']);
    expect(await client.assistants.get(assistant_id)).toEqual(back);
  }),
];
