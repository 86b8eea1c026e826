/**
 * Keeps `fact` in the store under the key `fact` of `namespace`, and says what it finds there.
 */
import { Annotation, END, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph';

const State = Annotation.Root({
  namespace: Annotation<string[]>(),
  fact: Annotation<string>(),
  found: Annotation<Record<string, unknown>>(),
});

export const remember = new StateGraph(State)
  .addNode('remember', async ({ namespace, fact }, { store }: LangGraphRunnableConfig) => {
    if (fact) await store?.put(namespace, 'fact', { fact });
    const items = (await store?.search(namespace)) ?? [];
    return { found: Object.fromEntries(items.map((item) => [item.key, item.value])) };
  })
  .addEdge(START, 'remember')
  .addEdge('remember', END)
  .compile();
