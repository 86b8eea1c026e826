/**
 * `steps` steps that do nothing but say when they began: what a step with its checkpoint costs.
 */
import { Annotation, END, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph';

const State = Annotation.Root({ steps: Annotation<number>(), done: Annotation<number>() });

export const steps = new StateGraph(State)
  .addNode('step', (state: typeof State.State, config: LangGraphRunnableConfig) => {
    const step = state.done ?? 0;
    config.writer?.({ token: step, at: Number(process.hrtime.bigint()) / 1e6 });
    return { done: step + 1 };
  })
  .addEdge(START, 'step')
  .addConditionalEdges('step', (state) => (state.done < state.steps ? 'step' : END), ['step', END])
  .compile();
