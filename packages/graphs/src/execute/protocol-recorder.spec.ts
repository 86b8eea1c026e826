import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AIMessage, AIMessageChunk } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { FakeStreamingChatModel } from '@langchain/core/utils/testing';
import { Annotation, interrupt, MessagesAnnotation, StateGraph, StreamChannel } from '@langchain/langgraph';
import { ToolNode } from '@langchain/langgraph/prebuilt';
import { addressOfProtocolRecord, type ProtocolParams, type RunKwargs } from '@longrun/contracts';
import { z } from 'zod';
import {
  createDatabase,
  registryOf,
  TestThread,
  type AttemptResult,
  type TestDatabase,
} from '../../test/fixture.js';

const State = Annotation.Root({
  steps: Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
});

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

const threadOf = (graph: unknown): TestThread =>
  new TestThread(database.pool, registryOf({ graph }), 'graph');
const protocolRun = (kwargs: Partial<RunKwargs> = {}): Partial<RunKwargs> => ({ protocol: 'v2', ...kwargs });

interface Seen extends ProtocolParams {
  method: string;
}

/** The records of an attempt as the events they stand for. */
function eventsOf({ events }: AttemptResult): Seen[] {
  return events.map(({ event, data }) => {
    const params = JSON.parse(data) as ProtocolParams;
    const { method, namespace } = addressOfProtocolRecord(event);
    expect(params.namespace).toEqual(namespace);
    expect(Math.abs(Date.now() - params.timestamp)).toBeLessThan(60_000);
    return { method, ...params };
  });
}

const dataOf = (events: readonly Seen[], method: string): unknown[] =>
  events.filter((event) => event.method === method).map(({ data }) => data);

describe('a run recorded for protocol v2', () => {
  it('records checkpoints before their values, updates with their node, and custom events by their name', async () => {
    const graph = new StateGraph(State)
      .addNode('a', (_state, config) => {
        config.writer?.({ free: 1 });
        config.writer?.({ name: 'news', payload: { n: 1 } });
        return { steps: ['a'] };
      })
      .addEdge('__start__', 'a')
      .compile();
    const events = eventsOf(await threadOf(graph).complete(protocolRun({ input: { steps: ['in'] } })));
    expect(dataOf(events, 'values')).toEqual([{ steps: ['in'] }, { steps: ['in', 'a'] }]);
    expect(events.find(({ method }) => method === 'updates')).toMatchObject({
      node: 'a',
      data: { node: 'a', values: { steps: ['a'] } },
    });
    expect(dataOf(events, 'custom')).toEqual([{ payload: { free: 1 } }]);
    expect(dataOf(events, 'custom:news')).toEqual([{ name: 'news', payload: { n: 1 } }]);
    const methods = events.map(({ method }) => method);
    methods.forEach((method, i) => {
      if (method === 'values') expect(methods[i - 1]).toBe('checkpoints');
    });
    expect(dataOf(events, 'checkpoints').at(-1)).toMatchObject({
      step: 1,
      source: 'loop',
      parent_id: expect.any(String),
    });
    expect(dataOf(events, 'tasks')).toHaveLength(2);
    expect(methods).not.toContain('lifecycle');
  });

  it('records a question once, as input, with nothing of it in the values', async () => {
    const graph = new StateGraph(State)
      .addNode('ask', () => ({ steps: [String(interrupt('go?'))] }))
      .addEdge('__start__', 'ask')
      .compile();
    const talk = threadOf(graph);
    const asked = await talk.complete(protocolRun({ input: { steps: ['in'] } }));
    const events = eventsOf(asked);
    expect(asked.outcome.thread.status).toBe('interrupted');
    expect(dataOf(events, 'input.requested')).toEqual([{ interrupt_id: expect.any(String), payload: 'go?' }]);
    expect(JSON.stringify(dataOf(events, 'values')) + JSON.stringify(dataOf(events, 'updates'))).not.toMatch(
      '__interrupt__',
    );
    const [{ interrupt_id: id }] = dataOf(events, 'input.requested') as [{ interrupt_id: string }];
    const answered = eventsOf(await talk.complete(protocolRun({ command: { resume: { [id]: 'yes' } } })));
    expect(answered[0]).toMatchObject({ method: 'input.answered', data: { interrupt_ids: [id] } });
    expect(dataOf(answered, 'values').at(-1)).toEqual({ steps: ['in', 'yes'] });
  });

  it('tells of graphs inside the graph: started, interrupted with their question, completed when it is answered', async () => {
    const inner = new StateGraph(State)
      .addNode('ask', () => ({ steps: [String(interrupt('inside?'))] }))
      .addEdge('__start__', 'ask')
      .compile();
    const graph = new StateGraph(State).addNode('inner', inner).addEdge('__start__', 'inner').compile();
    const talk = threadOf(graph);
    const asked = eventsOf(await talk.complete(protocolRun({ input: { steps: [] } })));
    expect(dataOf(asked, 'lifecycle')).toEqual([
      { event: 'started', graph_name: 'inner' },
      { event: 'interrupted', graph_name: 'inner' },
    ]);
    const [question] = asked.filter(({ method }) => method === 'input.requested');
    expect(question?.namespace).toEqual([expect.stringMatching(/^inner:/)]);
    const answered = eventsOf(await talk.complete(protocolRun({ command: { resume: 'yes' } })));
    expect(dataOf(answered, 'lifecycle').map((data) => (data as { event: string }).event)).toEqual([
      'started',
      'completed',
    ]);
    expect(dataOf(answered, 'input.requested')).toEqual([]);
  });

  it('records messages as content blocks, under the task of their node', async () => {
    const model = new FakeStreamingChatModel({
      chunks: ['one ', 'two'].map((content) => new AIMessageChunk({ content, id: 'm' })),
      responses: [new AIMessage({ content: 'one two', id: 'm' })],
    });
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('model', async (state) => ({ messages: [await model.invoke(state.messages)] }))
      .addEdge('__start__', 'model')
      .compile();
    const input = { messages: [{ type: 'human', content: 'hi' }] };
    const events = eventsOf(await threadOf(graph).complete(protocolRun({ input })));
    const messages = events.filter(({ method }) => method === 'messages');
    expect(messages.map(({ data }) => (data as { event: string }).event)).toEqual([
      'message-start',
      'content-block-start',
      'content-block-delta',
      'content-block-delta',
      'content-block-finish',
      'message-finish',
    ]);
    expect(messages[0]).toMatchObject({ node: 'model', namespace: [expect.stringMatching(/^model:/)] });
    expect(dataOf(events, 'values').at(-1)).toMatchObject({
      messages: [{ type: 'human' }, { type: 'ai', content: [{ type: 'text', text: 'one two' }] }],
    });
    // A node is no graph.
    expect(dataOf(events, 'lifecycle')).toEqual([]);
  });

  it('records tools from start to finish, and their errors', async () => {
    const weather = tool(({ city }: { city: string }) => `sun in ${city}`, {
      name: 'weather',
      description: 'weather',
      schema: z.object({ city: z.string() }),
    });
    const broken = tool(
      () => {
        throw new Error('no luck');
      },
      { name: 'broken', description: 'broken', schema: z.object({}) },
    );
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('call', () => ({
        messages: [
          new AIMessage({
            content: '',
            tool_calls: [
              { id: 'c1', name: 'weather', args: { city: 'Rome' } },
              { id: 'c2', name: 'broken', args: {} },
            ],
          }),
        ],
      }))
      .addNode('tools', new ToolNode([weather, broken]))
      .addEdge('__start__', 'call')
      .addEdge('call', 'tools')
      .compile();
    const events = eventsOf(await threadOf(graph).complete(protocolRun({ input: { messages: [] } })));
    const tools = dataOf(events, 'tools') as { event: string; tool_call_id: string }[];
    expect(tools.filter((data) => data.tool_call_id === 'c1')).toMatchObject([
      { event: 'tool-started', tool_name: 'weather' },
      { event: 'tool-finished', output: expect.anything() },
    ]);
    expect(tools.filter((data) => data.tool_call_id === 'c2')).toMatchObject([
      { event: 'tool-started', tool_name: 'broken' },
      { event: 'tool-error', message: 'no luck' },
    ]);
  });

  it('records what stream transformers of the graph send, under their names', async () => {
    const counter = () => {
      const count = StreamChannel.remote<number>('count');
      let n = 0;
      return {
        init: () => ({ count }),
        process: (event: { method: string }) => {
          if (event.method === 'updates') count.push(++n);
          return true;
        },
      };
    };
    const graph = new StateGraph(State)
      .addNode('a', () => ({ steps: ['a'] }))
      .addNode('b', () => ({ steps: ['b'] }))
      .addEdge('__start__', 'a')
      .addEdge('a', 'b')
      .compile({ transformers: [counter] } as never);
    const events = eventsOf(await threadOf(graph).complete(protocolRun({ input: { steps: [] } })));
    expect(dataOf(events, 'custom:count')).toEqual([
      { name: 'count', payload: 1 },
      { name: 'count', payload: 2 },
    ]);
    expect(dataOf(events, 'updates')).toHaveLength(2);
    expect(dataOf(events, 'lifecycle')).toEqual([]);
  });

  it('records the failure of a graph inside, and the error of the run as every run does', async () => {
    const inner = new StateGraph(State)
      .addNode('fails', () => {
        throw new Error('broken inside');
      })
      .addEdge('__start__', 'fails')
      .compile();
    const graph = new StateGraph(State).addNode('inner', inner).addEdge('__start__', 'inner').compile();
    const result = await threadOf(graph).complete(protocolRun({ input: { steps: [] } }));
    expect(result.events.at(-1)?.event).toBe('error');
    const events = eventsOf({ ...result, events: result.events.slice(0, -1) });
    expect(dataOf(events, 'lifecycle').at(-1)).toEqual({
      event: 'failed',
      graph_name: 'inner',
      error: 'broken inside',
    });
  });

  it('shows the state of a run that a later attempt finds stopped', async () => {
    const graph = new StateGraph(State)
      .addNode('ask', () => ({ steps: [String(interrupt('go?'))] }))
      .addEdge('__start__', 'ask')
      .compile();
    const run = await threadOf(graph).run(protocolRun({ input: { steps: ['in'] } }));
    await run.attempt();
    const events = eventsOf(await run.attempt());
    expect(events.map(({ method, data }) => [method, data])).toEqual([
      ['values', { steps: ['in'] }],
      ['input.requested', { interrupt_id: expect.any(String), payload: 'go?' }],
    ]);
  });
});
