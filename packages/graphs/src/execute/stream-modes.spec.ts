/**
 * Each stream mode on graphs that exercise it: the whole list of its events.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunKwargs, StreamMode } from '@longrun/contracts';
import { createDatabase, registryOf, TestThread, type TestDatabase } from '../../test/fixture.js';
import { asking, failing, forgetful, layered, withTools } from '../../test/mode-graphs.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

const input = { messages: [{ role: 'user', content: 'hello', id: 'u' }] };
type Kwargs = Partial<RunKwargs>;
type Data = Record<string, never> & { [key: string]: unknown };

const threadOf = (graph: unknown) => new TestThread(database.pool, registryOf({ graph }), 'graph');
const run = (graph: unknown, kwargs: Kwargs) => threadOf(graph).complete({ input, ...kwargs });
const withoutIds = (text: string): string => text.replace(/:[0-9a-f-]{36}/g, ':id');

/** Names of the events, and of each what `tell` says of its data. */
async function list(graph: unknown, kwargs: Kwargs, tell: (data: Data) => unknown): Promise<unknown[]> {
  const { events } = await run(graph, kwargs);
  return events.map(({ event, data }) => [withoutIds(event), tell(JSON.parse(data) as Data)]);
}
const only = (...stream_mode: StreamMode[]): Kwargs => ({ stream_mode });
const all = (...stream_mode: StreamMode[]): Kwargs => ({ stream_mode, subgraphs: true });

interface Message {
  type: string;
  content: string;
}
const said = ({ messages }: { messages: Message[] }): string =>
  messages.map(({ type, content }) => `${type}:${content}`).join(' ');
const question = [{ id: expect.any(String), value: 'sure?' }];

describe('values', () => {
  it('is the whole state after each step', async () => {
    expect(await list(layered, only('values'), said as never)).toEqual([
      ['values', 'human:hello'],
      ['values', 'human:hello ai:ok'],
      ['values', 'human:hello ai:ok ai:in'],
      ['values', 'human:hello ai:ok ai:in ai:no'],
    ]);
  });

  it('has the states of subgraphs, by namespace', async () => {
    expect(await list(layered, all('values'), said as never)).toEqual([
      ['values', 'human:hello'],
      ['values', 'human:hello ai:ok'],
      ['values|middle:id', 'human:hello ai:ok'],
      ['values|middle:id|deep:id', 'human:hello ai:ok'],
      ['values|middle:id|deep:id', 'human:hello ai:ok ai:in'],
      ['values|middle:id', 'human:hello ai:ok ai:in'],
      ['values', 'human:hello ai:ok ai:in'],
      ['values', 'human:hello ai:ok ai:in ai:no'],
    ]);
  });

  it('is the question alone at an interrupt, an empty one at a breakpoint', async () => {
    const tell = (data: Data) => data.__interrupt__ ?? said(data as never);
    expect(await list(asking, only('values'), tell)).toEqual([
      ['values', 'human:hello'],
      ['values', question],
    ]);
    expect(await list(asking, { ...only('values'), interrupt_before: '*' }, tell)).toEqual([
      ['values', 'human:hello'],
      ['values', []],
    ]);
  });
});

describe('updates', () => {
  const tell = (data: Data) =>
    data.__interrupt__ ??
    Object.entries(data).map(([node, update]) => `${node}=${update === null ? '' : said(update)}`);

  it('is what each node returned, messages flattened', async () => {
    expect(await list(withTools('weather'), only('updates'), tell)).toEqual([
      ['updates', ['call=ai:']],
      ['updates', ['tools=tool:sunny']],
    ]);
    const { data } = await run(withTools('weather'), only('updates'));
    expect(data('updates')[1]).toMatchObject({
      tools: {
        messages: [{ type: 'tool', tool_call_id: 'call_weather', name: 'weather', status: 'success' }],
      },
    });
  });

  it('has those of subgraphs, by namespace', async () => {
    const names = (await list(layered, all('updates'), Object.keys)).map(String);
    expect(names).toEqual([
      'updates,speak',
      'updates|middle:id|deep:id,speak',
      'updates|middle:id|deep:id,write',
      'updates|middle:id,deep',
      'updates,middle',
      'updates,quiet',
    ]);
  });

  it('is the question at an interrupt, in the subgraph too', async () => {
    expect(await list(asking, all('updates'), tell)).toEqual([
      ['updates|sub:id', question],
      ['updates', question],
    ]);
  });
});

describe('messages-tuple', () => {
  const tell = (data: Data) => {
    const [message, metadata] = data as unknown as [Message, Record<string, unknown>];
    return [message.type, message.content, metadata.langgraph_node];
  };

  it('is each piece of an answer with its metadata, wherever the model speaks', async () => {
    const pieces = [
      ['messages', ['ai', 'o', 'speak']],
      ['messages', ['ai', 'k', 'speak']],
      ['messages', ['ai', 'i', 'speak']],
      ['messages', ['ai', 'n', 'speak']],
      // A model that is not to be streamed: its node's result, in one.
      ['messages', ['ai', 'no', 'quiet']],
    ];
    expect(await list(layered, only('messages-tuple'), tell)).toEqual(pieces);
    const named = pieces.map(([name, piece], i) => [
      i === 2 || i === 3 ? `${name as string}|middle:id|deep:id` : name,
      piece,
    ]);
    expect(await list(layered, all('messages-tuple'), tell)).toEqual(named);
  });

  it('has the messages of tools', async () => {
    expect(await list(withTools('weather'), only('messages-tuple'), tell)).toEqual([
      ['messages', ['ai', '', 'call']],
      ['messages', ['tool', 'sunny', 'tools']],
    ]);
  });
});

describe('messages', () => {
  it('is metadata, growing pieces, and each message once it is in the state', async () => {
    const tell = (data: Data) =>
      Array.isArray(data) ? said({ messages: data as never }) : Object.keys(data).length;
    expect(await list(layered, only('messages'), tell)).toEqual([
      ['messages/complete', 'human:hello'],
      ['messages/metadata', 1],
      ['messages/partial', 'ai:o'],
      ['messages/partial', 'ai:ok'],
      ['messages/complete', 'ai:ok'],
      ['messages/metadata', 1],
      ['messages/partial', 'ai:i'],
      ['messages/partial', 'ai:in'],
      ['messages/complete', 'ai:in'],
      ['messages/complete', 'ai:no'],
    ]);
  });
});

describe('custom', () => {
  it('is what a node writes, wherever it is', async () => {
    expect(await list(layered, only('custom'), (data) => data.from)).toEqual([['custom', 'write']]);
    expect(await list(layered, all('custom'), (data) => data.from)).toEqual([
      ['custom|middle:id|deep:id', 'write'],
    ]);
  });
});

describe('tasks', () => {
  const tell = (data: Data) => [data.name, 'result' in data ? Object.keys(data).sort().join() : 'begins'];

  it('is each task when it begins and when it ends, in subgraphs too', async () => {
    const result = 'id,interrupts,name,result';
    expect(await list(layered, all('tasks'), tell)).toEqual([
      ['tasks', ['speak', 'begins']],
      ['tasks', ['speak', result]],
      ['tasks', ['middle', 'begins']],
      ['tasks|middle:id', ['deep', 'begins']],
      ['tasks|middle:id|deep:id', ['speak', 'begins']],
      ['tasks|middle:id|deep:id', ['speak', result]],
      ['tasks|middle:id|deep:id', ['write', 'begins']],
      ['tasks|middle:id|deep:id', ['write', result]],
      ['tasks|middle:id', ['deep', result]],
      ['tasks', ['middle', result]],
      ['tasks', ['quiet', 'begins']],
      ['tasks', ['quiet', result]],
    ]);
  });

  it('tells the question that a task puts', async () => {
    expect(await list(asking, only('tasks', 'updates'), (data) => data.interrupts ?? data)).toEqual([
      ['tasks', []],
      ['updates', { __interrupt__: question }],
      ['tasks', question],
    ]);
  });
});

describe('checkpoints', () => {
  it('is each checkpoint: values, metadata, next', async () => {
    const tell = (data: Data) => [
      Object.keys(data).sort().join(),
      (data.metadata as unknown as { source: string }).source,
      data.next,
    ];
    const keys = 'metadata,next,values';
    expect(await list(layered, only('checkpoints'), tell)).toEqual([
      ['checkpoints', [keys, 'input', ['__start__']]],
      ['checkpoints', [keys, 'loop', ['speak']]],
      ['checkpoints', [keys, 'loop', ['middle']]],
      ['checkpoints', [keys, 'loop', ['quiet']]],
      ['checkpoints', [keys, 'loop', []]],
    ]);
  });
});

describe('debug', () => {
  it('is checkpoints, tasks and their results, with their steps', async () => {
    const tell = (data: Data) => [data.type, data.step, typeof data.timestamp, typeof data.payload];
    expect(await list(asking, only('debug', 'updates'), tell)).toEqual([
      ['debug', ['checkpoint', -1, 'string', 'object']],
      ['debug', ['checkpoint', 0, 'string', 'object']],
      ['debug', ['task', 1, 'string', 'object']],
      ['updates', [undefined, undefined, 'undefined', 'undefined']],
      ['debug', ['task_result', 1, 'string', 'object']],
    ]);
  });
});

describe('events', () => {
  it('is what LangChain tells, but nothing of what is hidden', async () => {
    const names = new Set(
      (await list(layered, only('events'), (data) => data.event)).map((event) => String(event)),
    );
    expect([...names].sort()).toEqual([
      'events,on_chain_end',
      'events,on_chain_start',
      'events,on_chat_model_end',
      'events,on_chat_model_start',
      'events,on_chat_model_stream',
    ]);
    const { data } = await run(layered, only('events'));
    const tags = (data('events') as { tags?: string[] }[]).flatMap((event) => event.tags ?? []);
    expect(tags).not.toContain('langsmith:hidden');
  });
});

describe('tools', () => {
  const tell = ({ event, toolCallId, name, ...rest }: Data) => [event, toolCallId, name, rest];
  const ofWeather = [
    ['on_tool_start', 'call_weather', 'weather', { input: '{"city":"Bern"}' }],
    ['on_tool_event', 'call_weather', 'weather', { data: { asked: 'Bern' } }],
    [
      'on_tool_end',
      'call_weather',
      'weather',
      { output: expect.objectContaining({ type: 'tool', content: 'sunny' }) },
    ],
  ];

  it('is the start, the progress and the end of each call', async () => {
    expect(await list(withTools('weather'), only('tools'), tell)).toEqual(
      ofWeather.map((data) => ['tools', data]),
    );
    expect(await list(withTools('weather'), all('tools'), tell)).toEqual(
      ofWeather.map((data) => ['tools', data]),
    );
  });

  it('tells the error of a call that fails', async () => {
    expect(await list(withTools('breaks'), only('tools'), tell)).toEqual([
      ['tools', ['on_tool_start', 'call_breaks', 'breaks', expect.anything()]],
      [
        'tools',
        [
          'on_tool_error',
          'call_breaks',
          'breaks',
          { error: { error: 'RangeError', message: 'no such city' } },
        ],
      ],
    ]);
  });

  it('is nothing without tools', async () => {
    expect(await list(layered, only('tools'), tell)).toEqual([]);
  });
});

describe('lifecycle', () => {
  const tell = ({ namespace, ...rest }: Data) => ({
    depth: (namespace as unknown as string[]).length,
    ...rest,
  });
  const ofLayered = [
    ['lifecycle|middle:id', { depth: 1, event: 'started' }],
    ['lifecycle|middle:id|deep:id', { depth: 2, event: 'started' }],
    ['lifecycle|middle:id|deep:id', { depth: 2, event: 'completed' }],
    ['lifecycle|middle:id', { depth: 1, event: 'completed' }],
  ];

  it('is the start and the end of each graph inside, whether subgraphs are streamed or not', async () => {
    expect(await list(layered, only('lifecycle'), tell)).toEqual(ofLayered);
    expect(await list(layered, all('lifecycle'), tell)).toEqual(ofLayered);
  });

  it('names its namespace as the event does', async () => {
    const { events } = await run(layered, only('lifecycle'));
    for (const { event, data } of events) {
      expect(event).toBe(['lifecycle', ...(JSON.parse(data) as { namespace: string[] }).namespace].join('|'));
    }
  });

  it('begins before and ends after everything else of a graph', async () => {
    const { events } = await run(layered, all('lifecycle', 'values', 'updates', 'tasks'));
    const ofMiddle = events
      .filter(({ event }) => /\|middle:/.test(event))
      .map(({ event }) => event.split('|')[0]);
    expect([ofMiddle[0], ofMiddle.at(-1)]).toEqual(['lifecycle', 'lifecycle']);
  });

  it('leaves the other modes as they are without it', async () => {
    for (const modes of [
      ['values', 'updates', 'custom', 'messages-tuple'],
      ['tasks', 'debug', 'checkpoints', 'tools'],
    ] as const) {
      for (const subgraphs of [true, false]) {
        const plain = await run(layered, { stream_mode: [...modes], subgraphs });
        const both = await run(layered, { stream_mode: [...modes, 'lifecycle'], subgraphs });
        const names = both.events
          .map(({ event }) => withoutIds(event))
          .filter((name) => !name.startsWith('lifecycle'));
        expect(names).toEqual(plain.events.map(({ event }) => withoutIds(event)));
      }
    }
  });

  it('takes no task that calls a tool, or speaks, or writes, for a graph', async () => {
    expect(await list(withTools('weather'), all('lifecycle'), tell)).toEqual([]);
    const { events } = await run(layered, all('lifecycle', 'messages-tuple', 'custom', 'tools'));
    const lifecycle = events.filter(({ event }) => event.startsWith('lifecycle'));
    expect(lifecycle.map(({ event, data }) => [withoutIds(event), tell(JSON.parse(data) as Data)])).toEqual(
      ofLayered,
    );
  });

  it('tells the end of a graph that left nothing in the state', async () => {
    expect(await list(forgetful, only('lifecycle'), tell)).toEqual([
      ['lifecycle|call:id', { depth: 1, event: 'started' }],
      ['lifecycle|call:id', { depth: 1, event: 'completed' }],
    ]);
  });

  it('goes with the events of LangChain', async () => {
    const { events } = await run(layered, only('lifecycle', 'events'));
    const lifecycle = events.filter(({ event }) => event !== 'events');
    expect(lifecycle.map(({ event, data }) => [withoutIds(event), tell(JSON.parse(data) as Data)])).toEqual(
      ofLayered,
    );
  });

  it('names the tool call that started a graph', async () => {
    const call = { depth: 1, tool_call_id: 'call_delegate' };
    expect(await list(withTools('delegate'), only('lifecycle'), tell)).toEqual([
      ['lifecycle|tools:id', { ...call, event: 'started' }],
      ['lifecycle|tools:id', { ...call, event: 'completed' }],
    ]);
  });

  it('tells that a graph paused, and of the next run that it goes on', async () => {
    const thread = threadOf(asking);
    const lifecycleOf = async (kwargs: Kwargs) =>
      (await thread.complete({ ...only('lifecycle'), ...kwargs })).events.map(({ event, data }) => [
        withoutIds(event),
        (JSON.parse(data) as { event?: string }).event,
      ]);
    expect(await lifecycleOf({ input })).toEqual([
      ['lifecycle|sub:id', 'started'],
      ['values', undefined],
      ['lifecycle|sub:id', 'interrupted'],
    ]);
    expect(await lifecycleOf({ command: { resume: 'yes' } })).toEqual([
      ['lifecycle|sub:id', 'started'],
      ['lifecycle|sub:id', 'completed'],
    ]);
  });

  it('tells that a graph failed, and why, before the run does', async () => {
    expect(await list(failing, only('lifecycle'), (data) => data)).toEqual([
      ['lifecycle|sub:id', expect.objectContaining({ event: 'started' })],
      [
        'lifecycle|sub:id',
        {
          event: 'failed',
          namespace: [expect.any(String)],
          error: { error: 'TypeError', message: 'broken' },
        },
      ],
      ['error', { error: 'TypeError', message: 'broken' }],
    ]);
  });
});

describe('after a crash', () => {
  it('every graph that starts in an attempt also ends in it, and no tool is told of twice', async () => {
    const thread = threadOf(withTools('weather'));
    const crashed = await thread.run({ input, ...all('lifecycle', 'tools', 'updates') });
    for (let writes = 1; await crashed.killedAfter(writes); writes += 1) {
      if (writes > 30) throw new Error('the attempt never came to its end');
    }
    const deep = await threadOf(layered).run({ input, ...only('lifecycle') });
    expect(await deep.killedAfter(5)).toBe(true);
    const { events } = await deep.attempt();
    const open = new Map<string, number>();
    for (const { event, data } of events) {
      const change = (JSON.parse(data) as { event: string }).event === 'started' ? 1 : -1;
      open.set(event, (open.get(event) ?? 0) + change);
    }
    expect([...open.values()].every((balance) => balance === 0)).toBe(true);
    expect(events.length).toBeGreaterThan(0);
  });
});
