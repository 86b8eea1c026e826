/**
 * A run of as many steps as its input says: each tells that it begins, with its attempt, lasts `ms`, and leaves one entry in the
 * state and one item in the store. What was done twice, left out, or written by an attempt that had lost its run, can be seen in them.
 */
import { Annotation, END, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph';

const State = Annotation.Root({
  log: Annotation<number[]>({ reducer: (before, added) => before.concat(added), default: () => [] }),
  steps: Annotation<number>(),
  ms: Annotation<number>(),
  /** Events of each step, besides the one that it begins with. */
  events: Annotation<number>(),
});

export const steps = new StateGraph(State)
  .addNode('step', async (state: typeof State.State, config: LangGraphRunnableConfig) => {
    const step = state.log.length;
    const { run_id: runId, run_attempt: attempt } = config.configurable as {
      run_id: string;
      run_attempt: number;
    };
    config.writer?.({ step, attempt, pid: process.pid });
    for (let event = 0; event < (state.events ?? 0); event += 1) config.writer?.({ event, attempt });
    await new Promise((resolve) => setTimeout(resolve, state.ms ?? 0));
    await config.store?.put(['steps', runId], String(step), { attempt });
    return { log: [step] };
  })
  .addEdge(START, 'step')
  .addConditionalEdges('step', (state) => (state.log.length < state.steps ? 'step' : END), ['step', END])
  .compile();
