/**
 * Asks twice, one question after the other, and says what it was told; the step after the answers takes `ms`.
 */
import {
  Annotation,
  END,
  interrupt,
  START,
  StateGraph,
  type LangGraphRunnableConfig,
} from '@langchain/langgraph';

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (before, added) => before.concat(added), default: () => [] }),
  ms: Annotation<number>(),
});

export const ask = new StateGraph(State)
  .addNode('first', () => ({ log: [`first:${String(interrupt('first?'))}`] }))
  .addNode('second', () => ({ log: [`second:${String(interrupt('second?'))}`] }))
  .addNode('act', async (state, config: LangGraphRunnableConfig) => {
    config.writer?.({ acting: true });
    await new Promise((resolve) => setTimeout(resolve, state.ms ?? 5));
    return { log: ['acted'] };
  })
  .addEdge(START, 'first')
  .addEdge('first', 'second')
  .addEdge('second', 'act')
  .addEdge('act', END)
  .compile();
