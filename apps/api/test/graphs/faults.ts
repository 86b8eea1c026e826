/**
 * Graphs that misbehave.
 */
import { Annotation, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph';

const State = Annotation.Root({ ms: Annotation<number>() });

export const fails = new StateGraph(State)
  .addNode('fail', () => {
    throw new TypeError('the tool broke');
  })
  .addEdge(START, 'fail')
  .compile();

const Tried = Annotation.Root({
  failures: Annotation<number>(),
  log: Annotation<string[]>({ reducer: (before, added) => before.concat(added), default: () => [] }),
});

/** Its second step fails in as many attempts as `failures` says. */
export const flaky = new StateGraph(Tried)
  .addNode('before', () => ({ log: ['before'] }))
  .addNode('try', ({ failures }, config: LangGraphRunnableConfig) => {
    const attempt = Number(config.configurable?.['run_attempt']);
    if (attempt <= failures) throw new TypeError(`broken in attempt ${attempt}`);
    return { log: [`worked in attempt ${attempt}`] };
  })
  .addEdge(START, 'before')
  .addEdge('before', 'try')
  .compile();

/** Leaves a promise behind that rejects while the graph goes on. */
export const rejects = new StateGraph(State)
  .addNode('leave', async () => {
    void new Promise((_resolve, reject) => setTimeout(() => reject(new RangeError('nobody awaits me')), 20));
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    return {};
  })
  .addEdge(START, 'leave')
  .compile();

/** Blocks the event loop of its process for `ms`. */
export const blocks = new StateGraph(State)
  .addNode('block', (state, config: LangGraphRunnableConfig) => {
    config.writer?.({ blocking: true });
    return new Promise((resolve) => {
      setTimeout(() => {
        const until = performance.now() + (state.ms ?? 0);
        while (performance.now() < until);
        resolve({});
      }, 100);
    });
  })
  .addEdge(START, 'block')
  .compile();
