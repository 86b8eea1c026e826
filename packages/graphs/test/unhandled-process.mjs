// Two runs at once in a plain Node.js process; the graph of one leaves a rejection unhandled. Prints what became of
// both, and of a rejection that belongs to no run, as one line of JSON.
import { randomUUID } from 'node:crypto';
import { Annotation, StateGraph } from '@langchain/langgraph';
import pg from 'pg';
import {
  createRegistry,
  executeAttempt,
  failAttemptOnUnhandledRejection,
  runOfCurrentContext,
} from '../dist/index.js';

const handled = [];
process.on('unhandledRejection', (error, promise) => {
  const run = failAttemptOnUnhandledRejection(error, promise);
  handled.push({ message: error.message, ...run });
});

const State = Annotation.Root({ value: Annotation });
let release;
// Made before either run begins: the guilty one may be through before the other has come to its node.
const released = new Promise((resolve) => (release = resolve));
const graph = (node) => new StateGraph(State).addNode('a', node).addEdge('__start__', 'a').compile();
const registry = createRegistry([
  {
    id: 'guilty',
    exported: graph(async () => {
      void (async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        throw new Error('forgotten');
      })();
      return new Promise(() => undefined);
    }),
  },
  {
    id: 'innocent',
    exported: graph(async () => {
      await released;
      return { value: runOfCurrentContext() };
    }),
  },
]);

const pool = new pg.Pool({ connectionString: process.env.TEST_DATABASE });
async function execute(graphId) {
  const runId = randomUUID();
  const attempt = executeAttempt({
    registry,
    graphId,
    assistantId: 'a',
    runId,
    threadId: randomUUID(),
    attempt: 3,
    kwargs: {
      input: { value: 0 },
      config: {},
      stream_mode: ['updates'],
      subgraphs: false,
      resumable: true,
      temporary: false,
    },
    metadata: {},
    baseCheckpointId: null,
    pool,
    fence: async () => undefined,
    signal: new AbortController().signal,
  });
  const events = [];
  for (;;) {
    const step = await attempt.next();
    if (step.done) return { runId, events, status: step.value.status };
    events.push(step.value);
  }
}

const innocent = execute('innocent');
const guilty = await execute('guilty');
Promise.reject(new Error('nobody'));
await new Promise((resolve) => setImmediate(resolve));
release();
console.log(JSON.stringify({ handled, guilty, innocent: await innocent }));
await pool.end();
