/**
 * A graph whose inner graph asks a question: while it waits, the state of the inner graph can be read.
 */
import { Annotation, END, interrupt, START, StateGraph } from '@langchain/langgraph';

const State = Annotation.Root({ answer: Annotation<string>() });

const inner = new StateGraph(State)
  .addNode('question', () => ({ answer: String(interrupt('inside?')) }))
  .addEdge(START, 'question')
  .addEdge('question', END)
  .compile();

export const asksInside = new StateGraph(State)
  .addNode('inner', inner)
  .addEdge(START, 'inner')
  .addEdge('inner', END)
  .compile();
