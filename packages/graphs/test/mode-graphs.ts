/**
 * Graphs that exercise every stream mode: tools, a model, graphs inside, a tool that calls a graph, a question.
 */
import { AIMessage, type BaseMessage, HumanMessage } from '@langchain/core/messages';
import type { RunnableConfig } from '@langchain/core/runnables';
import { tool } from '@langchain/core/tools';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import {
  interrupt,
  type LangGraphRunnableConfig,
  MessagesAnnotation,
  StateGraph,
} from '@langchain/langgraph';
import { ToolNode } from '@langchain/langgraph/prebuilt';
import { z } from 'zod';

interface State {
  messages: BaseMessage[];
}

/** A node in which a model says `text`, piece by piece. */
const says =
  (text: string, tags: string[] = []) =>
  async ({ messages }: State, config: RunnableConfig) => {
    const model = new FakeListChatModel({ responses: [text] });
    return { messages: [await model.invoke(messages, { ...config, tags })] };
  };

/** A node that calls tools. */
const calls =
  (...names: string[]) =>
  () => ({
    messages: [
      new AIMessage({
        id: 'calls',
        content: '',
        tool_calls: names.map((name) => ({ id: `call_${name}`, name, args: { city: 'Bern' } })),
      }),
    ],
  });

const schema = z.object({ city: z.string() });

/** Tells of its progress. */
const weather = tool(
  async function* ({ city }: { city: string }) {
    yield { asked: city };
    return 'sunny';
  },
  { name: 'weather', schema, description: '' },
);

const breaks = tool(
  () => {
    throw new RangeError('no such city');
  },
  { name: 'breaks', schema, description: '' },
);

const speaker = new StateGraph(MessagesAnnotation)
  .addNode('speak', says('hi'))
  .addEdge('__start__', 'speak')
  .compile();

/** Calls a graph. */
const delegate = tool(
  async (_input, config: LangGraphRunnableConfig) => {
    await speaker.invoke({ messages: [new HumanMessage({ id: 'd', content: 'delegated' })] }, config);
    return 'delegated';
  },
  { name: 'delegate', schema, description: '' },
);

/** Calls the named tools, then goes through a graph in a graph. */
export const withTools = (...names: string[]) =>
  new StateGraph(MessagesAnnotation)
    .addNode('call', calls(...names))
    .addNode('tools', new ToolNode([weather, breaks, delegate], { handleToolErrors: true }))
    .addEdge('__start__', 'call')
    .addEdge('call', 'tools')
    .compile();

const writes = (_state: State, config: LangGraphRunnableConfig) => {
  config.writer?.({ from: config.metadata?.langgraph_node });
  return {};
};

const deep = new StateGraph(MessagesAnnotation)
  .addNode('speak', says('in'))
  .addNode('write', writes)
  .addEdge('__start__', 'speak')
  .addEdge('speak', 'write')
  .compile();

const middle = new StateGraph(MessagesAnnotation)
  .addNode('deep', deep)
  .addEdge('__start__', 'deep')
  .compile();

/** A graph in a graph in a graph. */
export const layered = new StateGraph(MessagesAnnotation)
  .addNode('speak', says('ok'))
  .addNode('middle', middle)
  .addNode('quiet', says('no', ['nostream', 'langsmith:hidden']))
  .addEdge('__start__', 'speak')
  .addEdge('speak', 'middle')
  .addEdge('middle', 'quiet')
  .compile();

/** Calls a graph in its last node, and keeps nothing of it. */
export const forgetful = new StateGraph(MessagesAnnotation)
  .addNode('call', async (state: State, config: LangGraphRunnableConfig) => {
    await speaker.invoke(state, config);
    return {};
  })
  .addEdge('__start__', 'call')
  .compile();

const asker = new StateGraph(MessagesAnnotation)
  .addNode('ask', () => ({ messages: [new AIMessage({ id: 'a', content: String(interrupt('sure?')) })] }))
  .addEdge('__start__', 'ask')
  .compile();

/** Puts a question in a graph inside. */
export const asking = new StateGraph(MessagesAnnotation)
  .addNode('sub', asker)
  .addEdge('__start__', 'sub')
  .compile();

const failer = new StateGraph(MessagesAnnotation)
  .addNode('fail', () => {
    throw new TypeError('broken');
  })
  .addEdge('__start__', 'fail')
  .compile();

/** Fails in a graph inside. */
export const failing = new StateGraph(MessagesAnnotation)
  .addNode('sub', failer)
  .addEdge('__start__', 'sub')
  .compile();
