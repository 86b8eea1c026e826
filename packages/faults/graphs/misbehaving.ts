/**
 * Graphs that misbehave.
 */
import { Annotation, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph';

const State = Annotation.Root({ ms: Annotation<number>() });

/** Time for what was said to leave the process. */
const SAID_MS = 100;
const said = () => new Promise((resolve) => setTimeout(resolve, SAID_MS));

/** Blocks the event loop of its process for `ms`. */
export const blocks = new StateGraph(State)
  .addNode('block', async ({ ms }, config: LangGraphRunnableConfig) => {
    config.writer?.({ blocking: true, pid: process.pid });
    await said();
    const until = performance.now() + ms;
    while (performance.now() < until);
    return {};
  })
  .addEdge(START, 'block')
  .compile();

/** Kills its process. */
export const poison = new StateGraph(State)
  .addNode('kill', async (_state, config: LangGraphRunnableConfig) => {
    config.writer?.({ killing: true, pid: process.pid });
    await said();
    process.kill(process.pid, 'SIGKILL');
    return new Promise<never>(() => undefined);
  })
  .addEdge(START, 'kill')
  .compile();
