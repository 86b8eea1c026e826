/**
 * How far a graph may be ahead of the commits of its checkpoints.
 */
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, registryOf, TestThread, type TestDatabase } from '../../test/fixture.js';

const STEPS = 8;

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

/** A loop of quick steps; each tells how many checkpoints of the thread are committed when it begins. */
function quickThread(): { thread: TestThread; committed: number[] } {
  const committed: number[] = [];
  const State = Annotation.Root({ count: Annotation<number>() });
  const graph = new StateGraph(State)
    .addNode('step', async ({ count }, { configurable }) => {
      const sql = 'SELECT count(*)::int AS checkpoints FROM langgraph.checkpoints WHERE thread_id = $1';
      const threadId = (configurable as { thread_id: string }).thread_id;
      const { rows } = await database.pool.query<{ checkpoints: number }>(sql, [threadId]);
      committed.push(rows[0]?.checkpoints ?? 0);
      return { count: count + 1 };
    })
    .addEdge(START, 'step')
    .addConditionalEdges('step', ({ count }) => (count < STEPS ? 'step' : END), ['step', END])
    .compile();
  return { thread: new TestThread(database.pool, registryOf({ graph }), 'graph'), committed };
}

describe('a graph', () => {
  it.each(['async', 'sync'] as const)(
    'leaves all checkpoints of its steps, in their order, whatever its durability (%s)',
    async (durability) => {
      const { thread } = quickThread();
      const run = await thread.run({ input: { count: 0 }, durability });
      const { outcome } = await run.attempt();
      expect(outcome).toMatchObject({ status: 'success', thread: { values: { count: STEPS } } });
      const { rows } = await database.pool.query<{ step: number }>(
        `SELECT (metadata->>'step')::int AS step FROM langgraph.checkpoints WHERE run_id = $1 ORDER BY commit_seq`,
        [run.runId],
      );
      expect(rows.map(({ step }) => step)).toEqual(Array.from({ length: STEPS + 2 }, (_, step) => step - 1));
    },
  );

  it('begins a step with sync when all checkpoints before it are committed', async () => {
    const { thread, committed } = quickThread();
    await thread.complete({ input: { count: 0 }, durability: 'sync' });
    // The input, its distribution, and one for each step before.
    expect(committed).toEqual(Array.from({ length: STEPS }, (_, step) => step + 2));
  });

  it('needs fewer transactions when it does not wait for them', async () => {
    const transactions = async (durability: 'async' | 'sync'): Promise<number> => {
      let asked = 0;
      const run = await quickThread().thread.run({ input: { count: 0 }, durability });
      await run.attempt({ beforeWrite: async () => void (asked += 1) });
      return asked;
    };
    expect(await transactions('async')).toBeLessThan(await transactions('sync'));
  });
});
