// Executes one attempt of a run whose node `b` kills its own process in the first attempt. Prints the nodes that were
// executed and the outcome as one line of JSON. Arguments: attempt, run id, thread id.
import { Annotation, StateGraph } from '@langchain/langgraph';
import pg from 'pg';
import { createRegistry, executeAttempt } from '../dist/index.js';

const [attempt, runId, threadId] = process.argv.slice(2);
const executed = [];
const step = (name, action) => () => {
  executed.push(name);
  action?.();
  return { log: [name] };
};
const State = Annotation.Root({ log: Annotation({ reducer: (a, b) => [...a, ...b], default: () => [] }) });
const exported = new StateGraph(State)
  .addNode('a', step('a'))
  .addNode(
    'b',
    step('b', () => attempt === '1' && process.kill(process.pid, 'SIGKILL')),
  )
  .addNode('c', step('c'))
  .addEdge('__start__', 'a')
  .addEdge('a', 'b')
  .addEdge('b', 'c')
  .compile();

const pool = new pg.Pool({ connectionString: process.env.TEST_DATABASE });
const events = executeAttempt({
  registry: createRegistry([{ id: 'graph', exported }]),
  graphId: 'graph',
  assistantId: 'a',
  runId,
  threadId,
  attempt: Number(attempt),
  kwargs: {
    input: { log: ['in'] },
    config: {},
    stream_mode: ['values'],
    subgraphs: false,
    resumable: true,
    temporary: false,
    durability: 'sync',
  },
  metadata: {},
  baseCheckpointId: null,
  pool,
  fence: async () => undefined,
  signal: new AbortController().signal,
});
let next = await events.next();
while (!next.done) next = await events.next();
console.log(JSON.stringify({ executed, outcome: next.value }));
await pool.end();
