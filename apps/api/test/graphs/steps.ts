/**
 * Eight steps of `ms` milliseconds each; every step says that it begins and writes its name to `log`.
 */
import { Annotation, END, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph';

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (before, added) => before.concat(added), default: () => [] }),
  ms: Annotation<number>(),
});

export const STEPS = 8;

function build() {
  const builder = new StateGraph(State);
  let before: string = START;
  for (let step = 0; step < STEPS; step += 1) {
    const name = `step${step}`;
    builder.addNode(name, async (state: typeof State.State, config: LangGraphRunnableConfig) => {
      config.writer?.({ step, attempt: config.configurable?.['run_attempt'] as number });
      await new Promise((resolve) => setTimeout(resolve, state.ms ?? 5));
      return { log: [name] };
    });
    // The builder's type grows with every node, which a loop cannot express.
    builder.addEdge(before as typeof START, name as typeof END);
    before = name;
  }
  builder.addEdge(before as typeof START, END);
  return builder;
}

export const steps = build().compile();

/** A factory that takes as long as `configurable.load_ms` says: a run can be killed before its first checkpoint. */
export async function slowToLoad(config: { configurable?: { load_ms?: number } }) {
  await new Promise((resolve) => setTimeout(resolve, config.configurable?.load_ms ?? 0));
  return build().compile();
}
