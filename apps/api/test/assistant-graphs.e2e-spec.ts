/**
 * What clients can ask of the graph of an assistant: its drawing, its schemas and those of its subgraphs.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'langgraph-sdk-1.15';
import type { TestStack } from '@longrun/test-stack';
import supertest from 'supertest';
import { apiUrl, startStack } from './support.js';

describe('the graph of an assistant', () => {
  let stack: TestStack;
  let client: Client;
  beforeAll(async () => {
    stack = await startStack({
      mode: 'single',
      env: { LANGGRAPH_CONFIG: '{"configured": {"configurable": {"node": "of_the_system"}}}' },
    });
    client = new Client({ apiUrl: apiUrl(stack), apiKey: null });
  }, 120_000);
  afterAll(() => stack.stop());

  const get = (path: string) => supertest(apiUrl(stack)).get(path);
  const nodes = async (assistantId: string, xray?: boolean | number) =>
    (await client.assistants.getGraph(assistantId, xray === undefined ? {} : { xray })).nodes.map(
      ({ id }) => id,
    );

  it('is drawn, with its subgraphs as deep as asked for', async () => {
    const closed = ['__start__', 'first', 'middle', '__end__'];
    expect(await nodes('layered')).toEqual(closed);
    expect([await nodes('layered', false), await nodes('layered', 0)]).toEqual([closed, closed]);
    expect((await nodes('layered', 1)).sort()).toEqual(
      ['__start__', 'first', 'middle:second', 'middle:deep', '__end__'].sort(),
    );
    const open = [
      '__start__',
      'first',
      'middle:second',
      'middle:deep:third',
      'middle:deep:fourth',
      '__end__',
    ];
    expect((await nodes('layered', true)).sort()).toEqual([...open].sort());
    expect((await nodes('layered', 2)).sort()).toEqual([...open].sort());
    const { edges } = await client.assistants.getGraph('nested');
    expect(edges).toContainEqual(expect.objectContaining({ source: 'outer', target: 'inner' }));
    for (const xray of ['maybe', '-1', '1.5'])
      expect((await get(`/assistants/nested/graph?xray=${xray}`)).status).toBe(422);
  });

  it('is made with the config of the assistant', async () => {
    expect(await nodes('configured')).toContain('of_the_system');
    const { assistant_id: id } = await client.assistants.create({
      graphId: 'configured',
      config: { configurable: { node: 'mine' } },
    });
    expect(await nodes(id)).toEqual(['__start__', 'mine', '__end__']);
    await client.assistants.update(id, { config: { configurable: { node: 'other' } } });
    expect(await nodes(id)).toContain('other');
    expect((await client.runs.wait(null, id, { input: {} })) as object).toEqual({ answer: 'other' });
  });

  it('has the schemas that its TypeScript tells, while other requests are answered', async () => {
    const asked = client.assistants.getSchemas('nested');
    let slowest = 0;
    let isDone = false;
    const answered = asked.finally(() => (isDone = true));
    while (!isDone) {
      const start = performance.now();
      await get('/ok');
      slowest = Math.max(slowest, performance.now() - start);
    }
    const log = { log: { type: 'array', items: { type: 'string' } } };
    expect(await answered).toMatchObject({
      graph_id: 'nested',
      state_schema: { type: 'object', properties: log },
      input_schema: { type: 'object', properties: log },
      output_schema: { type: 'object', properties: log },
      config_schema: { type: 'object' },
      context_schema: { type: 'object' },
    });
    // The compiler needs seconds; in this process it would have kept every other request waiting for as long.
    expect(slowest).toBeLessThan(1_500);
    const again = performance.now();
    await client.assistants.getSchemas('nested');
    expect(performance.now() - again).toBeLessThan(500);
  }, 60_000);

  it('has the schemas that it knows itself', async () => {
    const { state_schema: state, output_schema: output } = await client.assistants.getSchemas('described');
    expect(state).toMatchObject({ properties: { city: { type: 'string', description: 'Where' } } });
    expect(output).toMatchObject({ properties: { degrees: { type: 'number' } } });
  });

  it('has the names of its channels when it is written in JavaScript', async () => {
    expect(await client.assistants.getSchemas('plain')).toEqual({
      graph_id: 'plain',
      state_schema: { type: 'object', properties: { question: {}, answer: {} } },
      input_schema: { type: 'object', properties: { question: {} } },
      output_schema: { type: 'object', properties: { question: {}, answer: {} } },
      config_schema: null,
      context_schema: null,
    });
  });

  it('has subgraphs with schemas, by name or all', async () => {
    const log = { properties: { log: { type: 'array' } } };
    const all = await client.assistants.getSubgraphs('nested');
    expect(Object.keys(all)).toEqual(['inner']);
    expect(all).toMatchObject({
      inner: {
        graph_id: 'nested',
        state_schema: log,
        input_schema: log,
        output_schema: log,
        state: log,
        input: log,
      },
    });
    expect(await client.assistants.getSubgraphs('nested', { namespace: 'inner', recurse: true })).toEqual(
      all,
    );
    expect(await client.assistants.getSubgraphs('nested', { namespace: 'nobody' })).toEqual({});
    expect(await client.assistants.getSubgraphs('plain', { recurse: true })).toEqual({});
    const names = async (options: object) =>
      Object.keys(await client.assistants.getSubgraphs('layered', options));
    expect(await names({})).toEqual(['middle']);
    expect(await names({ recurse: true })).toEqual(['middle', 'middle|deep']);
    expect(await names({ namespace: 'middle|deep', recurse: true })).toEqual(['middle|deep']);
    expect((await get('/assistants/nested/subgraphs?recurse=maybe')).status).toBe(422);
  }, 60_000);

  it.each(['graph', 'schemas', 'subgraphs', 'subgraphs/x'])('answers 404 to %s of nobody', async (path) => {
    const answer = await get(`/assistants/nobody/${path}`);
    expect([answer.status, answer.body]).toMatchObject([404, { detail: 'Assistant not found' }]);
  });
});
