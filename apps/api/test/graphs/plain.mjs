/**
 * Graphs in JavaScript, and one whose shape depends on its config.
 */
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import { z } from 'zod';

const State = Annotation.Root({ question: Annotation(), answer: Annotation() });
const Question = Annotation.Root({ question: Annotation() });

export const plain = new StateGraph({ state: State, input: Question })
  .addNode('reply', ({ question }) => ({ answer: `about ${question}` }))
  .addEdge(START, 'reply')
  .addEdge('reply', END)
  .compile();

/** Its one node has the name that `configurable.node` gives it. */
export function configured(config) {
  const name = config.configurable?.node ?? 'unnamed';
  return new StateGraph(State)
    .addNode(name, () => ({ answer: name }))
    .addEdge(START, name)
    .addEdge(name, END)
    .compile();
}

/** Knows its schemas itself. */
export const described = new StateGraph(
  z.object({ city: z.string().describe('Where'), degrees: z.number().optional() }),
)
  .addNode('measure', () => ({ degrees: 20 }))
  .addEdge(START, 'measure')
  .addEdge('measure', END)
  .compile();

/** A graph of the given nodes, one after the other. */
function chain(nodes) {
  const builder = new StateGraph(State);
  let before = START;
  for (const [name, node] of Object.entries(nodes)) {
    builder.addNode(name, node).addEdge(before, name);
    before = name;
  }
  return builder.addEdge(before, END).compile();
}

const nothing = () => ({});

/** Graphs in a graph in a graph. */
export const layered = chain({
  first: nothing,
  middle: chain({ second: nothing, deep: chain({ third: nothing, fourth: nothing }) }),
});
