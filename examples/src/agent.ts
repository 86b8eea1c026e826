/**
 * A tool-calling agent: the model speaks, tools are called, and the model speaks again until it needs no tool.
 */
import { tool } from '@langchain/core/tools';
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import { ToolNode } from '@langchain/langgraph/prebuilt';
import { z } from 'zod';
import { createModel } from './model.ts';

const calculator = tool(
  ({ a, operator, b }) => {
    const results = { '+': a + b, '-': a - b, '*': a * b, '/': a / b };
    return String(results[operator]);
  },
  {
    name: 'calculator',
    description: 'Calculates with two numbers.',
    schema: z.object({ a: z.number(), operator: z.enum(['+', '-', '*', '/']), b: z.number() }),
  },
);

const weather = tool(
  ({ city }) => {
    // No network: the same city always has the same weather.
    const kinds = ['sunny', 'cloudy', 'rainy', 'windy'];
    const number = [...city].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
    return `${kinds[number % kinds.length]}, ${10 + (number % 15)} °C in ${city}`;
  },
  {
    name: 'weather',
    description: 'Tells the weather in a city.',
    schema: z.object({ city: z.string() }),
  },
);

const tools = [calculator, weather];

async function callModel(state: typeof MessagesAnnotation.State) {
  const model = createModel();
  const withTools = model.bindTools?.(tools) ?? model;
  return { messages: [await withTools.invoke(state.messages)] };
}

function needsTools(state: typeof MessagesAnnotation.State): 'tools' | typeof END {
  const last = state.messages.at(-1) as { tool_calls?: unknown[] } | undefined;
  return last?.tool_calls?.length ? 'tools' : END;
}

export const graph = new StateGraph(MessagesAnnotation)
  .addNode('model', callModel)
  .addNode('tools', new ToolNode(tools))
  .addEdge(START, 'model')
  .addConditionalEdges('model', needsTools, ['tools', END])
  .addEdge('tools', 'model')
  .compile();
