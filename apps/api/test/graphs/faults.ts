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

const Whereabouts = Annotation.Root({
  ms: Annotation<number>(),
  log: Annotation<string[]>({ reducer: (before, added) => before.concat(added), default: () => [] }),
});

/** A node that says in which process it is, and stays there for `ms`. */
function stay(name: string) {
  return async ({ ms }: typeof Whereabouts.State, config: LangGraphRunnableConfig) => {
    config.writer?.({ step: name, pid: process.pid });
    await new Promise((resolve) => setTimeout(resolve, ms ?? 0));
    return { log: [name] };
  };
}

/** Four steps of `ms` that say in which process they are. */
export const whereabouts = new StateGraph(Whereabouts)
  .addNode('one', stay('one'))
  .addNode('two', stay('two'))
  .addNode('three', stay('three'))
  .addNode('four', stay('four'))
  .addEdge(START, 'one')
  .addEdge('one', 'two')
  .addEdge('two', 'three')
  .addEdge('three', 'four')
  .compile();

/** Blocks its process for `ms`, after it has said which one that is. */
export const blocksSomewhere = new StateGraph(Whereabouts)
  .addNode('block', async ({ ms }, config: LangGraphRunnableConfig) => {
    config.writer?.({ step: 'block', pid: process.pid });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const until = performance.now() + ms;
    while (performance.now() < until);
    return {};
  })
  .addEdge(START, 'block')
  .compile();

/** Kills its process, `ms` after it has said in which one it is. */
export const poison = new StateGraph(Whereabouts)
  .addNode('stay', stay('stay'))
  .addNode('kill', async (_state, config: LangGraphRunnableConfig) => {
    config.writer?.({ step: 'kill', pid: process.pid });
    // The event of this step is on its way out of this process.
    await new Promise((resolve) => setTimeout(resolve, 100));
    process.kill(process.pid, 'SIGKILL');
    return new Promise<never>(() => undefined);
  })
  .addEdge(START, 'stay')
  .addEdge('stay', 'kill')
  .compile();
