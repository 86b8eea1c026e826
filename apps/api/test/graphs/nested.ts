/**
 * A graph with a graph inside.
 */
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (before, added) => before.concat(added), default: () => [] }),
});

const inner = new StateGraph(State)
  .addNode('deep', () => ({ log: ['deep'] }))
  .addEdge(START, 'deep')
  .addEdge('deep', END)
  .compile();

export const nested = new StateGraph(State)
  .addNode('outer', () => ({ log: ['outer'] }))
  .addNode('inner', inner)
  .addEdge(START, 'outer')
  .addEdge('outer', 'inner')
  .addEdge('inner', END)
  .compile();
