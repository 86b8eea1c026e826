/**
 * A run that emits `events` events of `bytes` bytes, `each` of them at a time with `everyMs` in between; each tells when it was emitted.
 */
import { Annotation, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph';

const State = Annotation.Root({
  events: Annotation<number>(),
  bytes: Annotation<number>(),
  each: Annotation<number>(),
  everyMs: Annotation<number>(),
});

export const burst = new StateGraph(State)
  .addNode('emit', async ({ events, bytes, each, everyMs }, config: LangGraphRunnableConfig) => {
    const filling = 'x'.repeat(bytes);
    for (let event = 0; event < events; event += 1) {
      config.writer?.({ event, at: Date.now(), filling });
      if (event % each === each - 1) await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    return {};
  })
  .addEdge(START, 'emit')
  .compile();
