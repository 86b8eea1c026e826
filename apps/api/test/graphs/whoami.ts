/** Says who asked for the run, as the graph sees it. */
import { Annotation, StateGraph } from '@langchain/langgraph';

const State = Annotation.Root({ caller: Annotation<Record<string, unknown>>, note: Annotation<string> });

export const whoami = new StateGraph(State)
  .addNode('look', (_state, config) => {
    const { configurable = {} } = config;
    const keys = ['langgraph_auth_user', 'langgraph_auth_user_id', 'langgraph_auth_permissions', 'user_id'];
    return { caller: Object.fromEntries(keys.map((key) => [key, configurable[key] ?? null])) };
  })
  .addEdge('__start__', 'look')
  .compile();
