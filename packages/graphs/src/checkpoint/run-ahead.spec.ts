/**
 * How far a graph may be ahead of the commits of its checkpoints, and what becomes of those when it is ended.
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

interface PausedThread {
  thread: TestThread;
  /** Steps that have begun; resolves with the first. */
  begun: { promise: Promise<void>; count: number };
  /** Lets the first step end, which otherwise never does. */
  goOn: () => void;
}

/** A loop whose first step waits to be let go. */
function pausedThread(): PausedThread {
  let begin: () => void = () => undefined;
  let goOn: () => void = () => undefined;
  const begun = { promise: new Promise<void>((resolve) => (begin = resolve)), count: 0 };
  const paused = new Promise<void>((resolve) => (goOn = resolve));
  const State = Annotation.Root({ count: Annotation<number>() });
  const graph = new StateGraph(State)
    .addNode('step', async ({ count }) => {
      begun.count += 1;
      begin();
      await paused;
      return { count: count + 1 };
    })
    .addEdge(START, 'step')
    .addEdge('step', 'step')
    .compile();
  return { thread: new TestThread(database.pool, registryOf({ graph }), 'graph'), begun, goOn: () => goOn() };
}

describe('a graph that is ended from outside', () => {
  const steps = async (runId: string): Promise<number[]> => {
    const sql = `SELECT (metadata->>'step')::int AS step FROM langgraph.checkpoints WHERE run_id = $1 ORDER BY commit_seq`;
    const { rows } = await database.pool.query<{ step: number }>(sql, [runId]);
    return rows.map(({ step }) => step);
  };

  it('leaves what it had handed in by then, before its attempt counts as ended', async () => {
    const { thread, begun } = pausedThread();
    const cancel = new AbortController();
    const run = await thread.run({ input: { count: 1 } });
    const ended = run.attempt({
      signal: cancel.signal,
      beforeWrite: async () => {
        await begun.promise;
        cancel.abort(new Error('cancelled'));
      },
    });
    await expect(ended).rejects.toThrow('cancelled');
    expect(await steps(run.runId)).toEqual([-1, 0]);
  });

  it.each(['async', 'sync'] as const)('does no further step (%s)', async (durability) => {
    const { thread, begun, goOn } = pausedThread();
    const cancel = new AbortController();
    const run = await thread.run({ input: { count: 1 }, durability });
    const ended = run.attempt({ signal: cancel.signal });
    await begun.promise;
    cancel.abort(new Error('cancelled'));
    goOn();
    await expect(ended).rejects.toThrow('cancelled');
    expect(await steps(run.runId)).toEqual([-1, 0]);
    expect(begun.count).toBe(1);
  });

  it('leaves nothing that refers to what could not be written', async () => {
    const { thread, begun } = pausedThread();
    const cancel = new AbortController();
    let isFirst = true;
    const run = await thread.run({ input: { count: 1 } });
    const ended = run.attempt({
      signal: cancel.signal,
      fence: async () => {
        if (!isFirst) return;
        isFirst = false;
        await begun.promise;
        cancel.abort(new Error('cancelled'));
        throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      },
    });
    await expect(ended).rejects.toThrow('cancelled');
    expect(await steps(run.runId)).toEqual([]);
  });

  it('is not waited for when its writes stand still', async () => {
    const { thread, begun } = pausedThread();
    const cancel = new AbortController();
    const run = await thread.run({ input: { count: 1 } });
    const ended = run.attempt({ signal: cancel.signal, beforeWrite: () => new Promise(() => undefined) });
    await begun.promise;
    cancel.abort(new Error('cancelled'));
    await expect(ended).rejects.toThrow('cancelled');
  });
});
