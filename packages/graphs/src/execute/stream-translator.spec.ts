import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AIMessage, type BaseMessage } from '@langchain/core/messages';
import type { RunnableConfig } from '@langchain/core/runnables';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import {
  interrupt,
  type LangGraphRunnableConfig,
  MessagesAnnotation,
  StateGraph,
} from '@langchain/langgraph';
import type { RunKwargs } from '@longrun/contracts';
import {
  createDatabase,
  registryOf,
  TestThread,
  type AttemptResult,
  type TestDatabase,
} from '../../test/fixture.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

type State = { messages: BaseMessage[] };

const talk =
  (text: string, tags: string[] = []) =>
  async (state: State, config: RunnableConfig) => {
    const model = new FakeListChatModel({ responses: [text] });
    return { messages: [await model.invoke(state.messages, { ...config, tags })] };
  };

const inner = new StateGraph(MessagesAnnotation)
  .addNode('speak', talk('in'))
  .addEdge('__start__', 'speak')
  .compile();

const graph = new StateGraph(MessagesAnnotation)
  .addNode('outer', async (state: State, config: LangGraphRunnableConfig) => {
    config.writer?.({ progress: 1 });
    return talk('ok')(state, config);
  })
  .addNode('sub', inner)
  .addNode('silent', talk('quiet', ['nostream']))
  .addEdge('__start__', 'outer')
  .addEdge('outer', 'sub')
  .addEdge('sub', 'silent')
  .compile();

const input = { messages: [{ role: 'user', content: 'hello', id: 'u' }] };

function stream(kwargs: Partial<RunKwargs>, exported: unknown = graph): Promise<AttemptResult> {
  return new TestThread(database.pool, registryOf({ graph: exported }), 'graph').complete({
    input,
    ...kwargs,
  });
}

const names = (result: AttemptResult): string[] => [...new Set(result.events.map((event) => event.event))];
const withoutIds = (names_: string[]): string[] =>
  names_.map((name) => name.replace(/:[0-9a-f-]{36}/g, ':id'));
const text = (data: unknown[]): string =>
  data.map((item) => (item as [{ content: string }])[0].content).join('');

describe('stream modes', () => {
  it('yields nothing that was not asked for', async () => {
    for (const mode of ['values', 'updates', 'custom', 'debug', 'tasks', 'checkpoints'] as const) {
      expect(names(await stream({ stream_mode: [mode] }))).toEqual([mode]);
    }
  });

  it('messages-tuple: pieces of each answer with the metadata of its node, silent ones left out', async () => {
    const result = await stream({ stream_mode: ['messages-tuple'] });
    expect(names(result)).toEqual(['messages']);
    const pieces = result.data('messages') as [Record<string, unknown>, Record<string, unknown>][];
    expect(text(pieces)).toBe('okin' + 'quiet');
    expect(pieces.filter(([, metadata]) => metadata.langgraph_node === 'silent')).toHaveLength(1);
    expect(pieces[0]).toMatchObject([
      { type: 'ai', content: 'o', id: expect.any(String) },
      { langgraph_node: 'outer', langgraph_step: 1, run_attempt: 1, thread_id: expect.any(String) },
    ]);
  });

  it('messages-tuple with subgraphs: messages of a root node are named messages', async () => {
    const result = await stream({ stream_mode: ['messages-tuple'], subgraphs: true });
    expect(withoutIds(names(result))).toEqual(['messages', 'messages|sub:id']);
  });

  it('subgraphs: names carry the namespace', async () => {
    const result = await stream({ stream_mode: ['updates', 'values', 'custom'], subgraphs: true });
    expect(withoutIds(names(result)).sort()).toEqual([
      'custom',
      'updates',
      'updates|sub:id',
      'values',
      'values|sub:id',
    ]);
    expect(result.data('custom')).toEqual([{ progress: 1 }]);
  });

  it('messages: metadata and growing pieces, then each message once when it is in the state', async () => {
    const result = await stream({ stream_mode: ['messages'] });
    expect(names(result)).toEqual(['messages/complete', 'messages/metadata', 'messages/partial']);
    const partial = result.data('messages/partial') as [{ content: string }][];
    expect(partial.map(([message]) => message.content)).toEqual(['o', 'ok', 'i', 'in']);
    const metadata = result.data('messages/metadata') as Record<
      string,
      { metadata: Record<string, unknown> }
    >[];
    expect(metadata.map((entry) => Object.values(entry)[0]?.metadata.langgraph_node)).toEqual([
      'outer',
      'speak',
    ]);
    const complete = (result.data('messages/complete') as { content: string; type: string }[][]).flat();
    expect(complete.map((message) => [message.type, message.content])).toEqual([
      ['human', 'hello'],
      ['ai', 'ok'],
      ['ai', 'in'],
      ['ai', 'quiet'],
    ]);
  });

  it('events: LangChain events beside the other modes, hidden ones left out', async () => {
    const hidden = new StateGraph(MessagesAnnotation)
      .addNode('outer', (state: State, config: RunnableConfig) =>
        talk('ok', ['langsmith:hidden'])(state, config),
      )
      .addEdge('__start__', 'outer')
      .compile();
    const shown = await stream({ stream_mode: ['events', 'values', 'messages-tuple'] });
    expect(names(shown).sort()).toEqual(['events', 'messages', 'values']);
    const kinds = new Set((shown.data('events') as { event: string }[]).map((event) => event.event));
    expect(kinds).toContain('on_chat_model_stream');
    const plain = await stream({ stream_mode: ['values'] });
    expect(shown.data('values').length).toBe(plain.data('values').length);
    const silent = (await stream({ stream_mode: ['events'] }, hidden)).data('events') as { event: string }[];
    expect(silent.length).toBeGreaterThan(0);
    expect(silent.map((event) => event.event)).not.toContain('on_chat_model_stream');
  });

  it('checkpoints: values, metadata and next, and nothing internal', async () => {
    const result = await stream({ stream_mode: ['checkpoints', 'values'], subgraphs: true });
    const checkpoints = result.data('checkpoints') as Record<string, unknown>[];
    for (const checkpoint of checkpoints)
      expect(Object.keys(checkpoint).sort()).toEqual(['metadata', 'next', 'values']);
    expect(checkpoints.map((checkpoint) => checkpoint.next)).toEqual([
      ['__start__'],
      ['outer'],
      ['sub'],
      ['silent'],
      [],
    ]);
    expect(checkpoints[1]).toMatchObject({ metadata: { source: 'loop', step: 0, parents: {} } });
  });

  it('debug: configs without internal keys, and references to checkpoints', async () => {
    const result = await stream({ stream_mode: ['debug'] });
    const debug = result.data('debug') as { type: string; payload: Record<string, unknown> }[];
    expect(new Set(debug.map((event) => event.type))).toEqual(new Set(['checkpoint', 'task', 'task_result']));
    const checkpoint = debug.filter((event) => event.type === 'checkpoint')[2]?.payload;
    expect(checkpoint).toMatchObject({
      checkpoint: { checkpoint_id: expect.any(String), checkpoint_ns: '', checkpoint_map: null },
      parent_checkpoint: { checkpoint_id: expect.any(String) },
      next: ['sub'],
      tasks: [{ name: 'sub', checkpoint: { checkpoint_ns: expect.stringMatching(/^sub:/) } }],
    });
    expect(result.events.some((event) => /"__pregel_(?!pu[sl][lh])|"callbacks"/.test(event.data))).toBe(
      false,
    );
  });

  it('tasks: each task when it starts and when it ends', async () => {
    const tasks = (await stream({ stream_mode: ['tasks'] })).data('tasks') as Record<string, unknown>[];
    expect(tasks.map((task) => [task.name, 'result' in task])).toEqual([
      ['outer', false],
      ['outer', true],
      ['sub', false],
      ['sub', true],
      ['silent', false],
      ['silent', true],
    ]);
  });

  it('tells a question as values to a client that asked for neither values nor updates', async () => {
    const asking = new StateGraph(MessagesAnnotation)
      .addNode('ask', () => ({ messages: [new AIMessage(String(interrupt('sure?')))] }))
      .addEdge('__start__', 'ask')
      .compile();
    const question = { __interrupt__: [{ id: expect.any(String), value: 'sure?' }] };
    const quiet = await stream({ stream_mode: ['custom'] }, asking);
    expect(quiet.events).toHaveLength(1);
    expect(quiet.data('values')).toEqual([question]);
    const updates = await stream({ stream_mode: ['updates'] }, asking);
    expect(updates.events.map((event) => event.event)).toEqual(['updates']);
    expect(updates.data('updates')).toEqual([question]);
    const values = await stream({ stream_mode: ['values'] }, asking);
    expect(values.data('values').at(-1)).toEqual(question);
    const breakpoint = await stream({ stream_mode: ['custom'], interrupt_before: '*' }, asking);
    expect(breakpoint.events).toEqual([]);
  });

  it('sends one line of JSON whatever the graph writes', async () => {
    const circular: Record<string, unknown> = { lines: 'a\nb\u2028', big: 1n, nothing: undefined };
    circular.self = circular;
    const odd = new StateGraph(MessagesAnnotation)
      .addNode('odd', (_state: State, config: LangGraphRunnableConfig) => {
        config.writer?.(circular);
        config.writer?.(undefined);
        config.writer?.('nul\0 and \ud800');
        return {};
      })
      .addEdge('__start__', 'odd')
      .compile();
    const { events } = await stream({ stream_mode: ['custom'] }, odd);
    expect(events.map((event) => event.data)).toEqual([
      '{"lines":"a\\nb\u2028","big":"1","self":"[Circular]"}',
      'null',
      '"nul\\u0000 and \\ud800"',
    ]);
  });
});
