import { Annotation, START, StateGraph, type LangGraphRunnableConfig } from '@langchain/langgraph';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, registryOf, TestThread, type TestDatabase } from '../../test/fixture.js';

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (before, added) => before.concat(added), default: () => [] }),
});

/** What the outside world was asked to do: by which key, how often. */
let effects: Map<string, number>;

function act(name: string) {
  return (_state: unknown, config: LangGraphRunnableConfig) => {
    const { run_id: runId } = config.configurable as { run_id: string };
    const key = `${runId}/${config.executionInfo?.checkpointId}/${name}`;
    effects.set(key, (effects.get(key) ?? 0) + 1);
    return { log: [name] };
  };
}

const graph = new StateGraph(State)
  .addNode('a', act('a'))
  .addNode('b', act('b'))
  .addNode('c', act('c'))
  .addEdge(START, 'a')
  .addEdge('a', 'b')
  .addEdge('b', 'c')
  .compile();

describe('a side effect under the key of its run, its checkpoint and its node', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.close());

  /** Kills an attempt after so many writes, and lets the next one finish. False when there was nothing left to kill. */
  async function killedAfter(writes: number): Promise<boolean> {
    effects = new Map();
    const run = await new TestThread(database.pool, registryOf({ graph }), 'graph').run({
      input: { log: [] },
      durability: 'sync',
    });
    const wasKilled = await run.killedAfter(writes);
    if (wasKilled) await run.attempt();
    return wasKilled;
  }

  const effectsOf = (node: string): number =>
    [...effects.keys()].filter((key) => key.endsWith(`/${node}`)).length;

  it('is the same effect when the step is repeated after a kill, wherever that was (durability sync)', async () => {
    let repeated = 0;
    for (let writes = 1; await killedAfter(writes); writes += 1) {
      expect(['a', 'b', 'c'].map(effectsOf)).toEqual([1, 1, 1]);
      repeated += [...effects.values()].filter((times) => times > 1).length;
    }
    // Steps were repeated: the key is what made one effect of two.
    expect(repeated).toBeGreaterThan(0);
  });
});
