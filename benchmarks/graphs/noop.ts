/**
 * Does nothing: what a run costs besides the graph.
 */
import { Annotation, START, StateGraph } from '@langchain/langgraph';

const State = Annotation.Root({ n: Annotation<number>() });

export const noop = new StateGraph(State)
  .addNode('nothing', () => ({}))
  .addEdge(START, 'nothing')
  .compile();
