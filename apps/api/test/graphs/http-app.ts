/**
 * Routes beside those of the API, and a graph that says which headers it was shown.
 */
import { Annotation, END, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph';
import { Hono } from 'hono';

export const app = new Hono();
app.get('/hello', (c) => c.json({ hello: 'world' }));
app.get('/throws', () => {
  throw new Error('secret of the app');
});

const State = Annotation.Root({ seen: Annotation<string[]> });

const KNOWN = ['x-mine', 'x-internal-id', 'accept-language', 'user-agent', 'authorization'];

export const headers = new StateGraph(State)
  .addNode('look', (_state, { configurable = {} }: LangGraphRunnableConfig) => ({
    seen: Object.keys(configurable).filter((name) => KNOWN.includes(name)),
  }))
  .addEdge(START, 'look')
  .addEdge('look', END)
  .compile();
