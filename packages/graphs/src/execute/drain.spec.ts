import { Annotation, START, StateGraph } from '@langchain/langgraph';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase, registryOf, TestThread, type TestDatabase } from '../../test/fixture.js';
import { AttemptDrained } from './execute-attempt.js';

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (before, added) => before.concat(added), default: () => [] }),
});

let executed: string[];
const node = (name: string) => () => {
  executed.push(name);
  return { log: [name] };
};
const chain = () =>
  new StateGraph(State)
    .addNode('a', node('a'))
    .addNode('b', node('b'))
    .addNode('c', node('c'))
    .addEdge(START, 'a')
    .addEdge('a', 'b')
    .addEdge('b', 'c')
    .compile();

const graphs = {
  flat: chain(),
  nested: new StateGraph(State)
    .addNode('before', node('before'))
    .addNode('inside', chain())
    .addEdge(START, 'before')
    .addEdge('before', 'inside')
    .compile(),
};

describe('an attempt that is to stop between two steps once it has made progress', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.close());
  beforeEach(() => {
    executed = [];
  });

  /** Attempts until the run is through, each stopping when it has made progress. */
  async function drained(graphId: keyof typeof graphs): Promise<{ stops: number; log: unknown }> {
    const run = await new TestThread(database.pool, registryOf(graphs), graphId).run({
      input: { log: [] },
      // Without it the steps, which take no time, are through before the first checkpoint is committed.
      durability: 'sync',
    });
    for (let stops = 0; ; stops += 1) {
      let hasProgress = false;
      const attempt = run.attempt({
        onProgress: () => (hasProgress = true),
        shouldDrain: () => hasProgress,
      });
      const result = await attempt.catch((error: unknown) => {
        if (error instanceof AttemptDrained) return undefined;
        throw error;
      });
      if (result) return { stops, log: result.outcome.thread.values };
    }
  }

  it('does no step twice when it goes on, and leaves none out', async () => {
    const { stops, log } = await drained('flat');
    expect(executed).toEqual(['a', 'b', 'c']);
    expect(log).toEqual({ log: ['a', 'b', 'c'] });
    expect(stops).toBe(2);
  });

  it('does no step of a subgraph twice', async () => {
    const { stops, log } = await drained('nested');
    expect(executed).toEqual(['before', 'a', 'b', 'c']);
    expect(log).toEqual({ log: expect.arrayContaining(['before', 'a', 'b', 'c']) });
    expect(stops).toBeGreaterThan(0);
  });

  it('does not take the input, or its way to the first node, for progress', async () => {
    const order: string[] = [];
    const graph = new StateGraph(State)
      .addNode('a', () => {
        order.push('a');
        return { log: ['a'] };
      })
      .addEdge(START, 'a')
      .compile();
    const run = await new TestThread(database.pool, registryOf({ graph }), 'graph').run({
      input: { log: [] },
    });
    await run.attempt({ onProgress: () => order.push('progress') });
    expect(order).toEqual(['a', 'progress']);
  });

  it('goes on to its end as long as nothing asks it to stop', async () => {
    const run = await new TestThread(database.pool, registryOf(graphs), 'flat').run({ input: { log: [] } });
    const { outcome } = await run.attempt({ shouldDrain: () => false });
    expect(outcome).toMatchObject({ status: 'success', thread: { values: { log: ['a', 'b', 'c'] } } });
  });
});
