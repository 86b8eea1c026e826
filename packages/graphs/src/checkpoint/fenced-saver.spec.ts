import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Annotation, interrupt, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import { createDatabase, registryOf, TestThread, type TestDatabase } from '../../test/fixture.js';
import { readThreadHistory, readThreadState } from '../state/thread-state.js';
import { LANGGRAPH_SCHEMA } from './checkpoint-schema.js';
import { deleteRunCheckpoints, deleteThreadCheckpoints } from './delete-checkpoints.js';

const State = Annotation.Root({
  input: Annotation<string>,
  value: Annotation<string>,
  kept: Annotation<string>,
});

/** `value` follows the input; `kept` is written once. */
const graph = new StateGraph(State)
  .addNode('first', (state) => ({ value: `first ${state.input}`, ...(state.kept ? {} : { kept: 'kept' }) }))
  .addNode('second', (state) => ({ value: `second ${state.input}` }))
  .addEdge('__start__', 'first')
  .addEdge('first', 'second');

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());
afterEach(() => void jest.restoreAllMocks());

function newThread(exported: unknown = graph.compile()): TestThread {
  return new TestThread(database.pool, registryOf({ graph: exported }), 'graph');
}

function requestOf(thread: TestThread): {
  registry: TestThread['registry'];
  pool: TestThread['pool'];
  threadId: string;
  graphId: string;
} {
  return { registry: thread.registry, pool: thread.pool, threadId: thread.threadId, graphId: thread.graphId };
}

async function history(thread: TestThread): Promise<{ id: string; value: unknown; next: string[] }[]> {
  const states = await readThreadHistory({ ...requestOf(thread), limit: 100 });
  return states.map((state) => ({
    id: state.checkpoint?.checkpoint_id ?? '',
    value: (state.values as { value?: unknown }).value,
    next: state.next,
  }));
}

describe('branches of a thread', () => {
  it('do not see the values of each other after a fork', async () => {
    const thread = newThread();
    await thread.complete({ input: { input: 'one' } });
    const start = (await history(thread)).find((state) => state.next.includes('__start__'));
    const { outcome } = await thread.complete({
      input: { input: 'two' },
      checkpoint: { checkpoint_id: start?.id ?? '' },
    });
    expect(outcome.thread.values).toEqual({ input: 'two', value: 'second two', kept: 'kept' });
    const values = (await history(thread)).map((state) => state.value);
    expect(values).toEqual(expect.arrayContaining(['second two', 'first two', 'second one', 'first one']));
  });

  it('do not see what was rolled back', async () => {
    const thread = newThread();
    await thread.complete({ input: { input: 'one' } });
    const undone = await thread.run({ input: { input: 'undone' } });
    await undone.attempt();
    await deleteRunCheckpoints(database.pool, thread.threadId, undone.runId);
    expect((await readThreadState(requestOf(thread)))?.values).toMatchObject({ value: 'second one' });
    const { outcome } = await thread.complete({ input: { input: 'three' }, interrupt_before: ['second'] });
    expect(outcome.thread.values).toEqual({ input: 'three', value: 'first three', kept: 'kept' });
    for (const table of ['checkpoints', 'checkpoint_blobs', 'checkpoint_writes']) {
      const { rowCount } = await database.pool.query(`SELECT 1 FROM langgraph.${table} WHERE run_id = $1`, [
        undone.runId,
      ]);
      expect(rowCount).toBe(0);
    }
  });

  it('get back the question that a rolled back answer had replaced', async () => {
    const asking = new StateGraph(State)
      .addNode('ask', () => ({ value: `${interrupt('first?')} ${interrupt('second?')}` }))
      .addEdge('__start__', 'ask')
      .compile();
    const thread = newThread(asking);
    await thread.complete({ input: { input: 'in' } });
    const undone = await thread.run({ command: { resume: 'yes' } });
    const asked = await undone.attempt();
    expect(Object.values(asked.outcome.thread.interrupts)).toMatchObject([[{ value: 'second?' }]]);
    await deleteRunCheckpoints(database.pool, thread.threadId, undone.runId);
    expect((await readThreadState(requestOf(thread)))?.interrupts).toMatchObject([{ value: 'first?' }]);
  });
});

describe('a thread written by the stock saver', () => {
  it('goes on with its values, its integer versions converted', async () => {
    const thread = newThread();
    const saver = new PostgresSaver(database.pool, undefined, { schema: LANGGRAPH_SCHEMA });
    const stock = graph.compile({ checkpointer: saver });
    for (const input of ['one', 'two', 'three', 'four', 'five']) {
      await stock.invoke({ input }, { configurable: { thread_id: thread.threadId } });
    }
    expect((await readThreadState(requestOf(thread)))?.values).toMatchObject({
      value: 'second five',
      kept: 'kept',
    });
    const { outcome } = await thread.complete({ input: { input: 'ours' } });
    expect(outcome.thread.values).toEqual({ input: 'ours', value: 'second ours', kept: 'kept' });
    const again = await thread.complete({ input: { input: 'again' } });
    expect(again.outcome.thread.values).toEqual({ input: 'again', value: 'second again', kept: 'kept' });
  });
});

describe('the newest checkpoint', () => {
  it('is the one committed last, however wrong the clock of the worker before was', async () => {
    const thread = newThread();
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now + 3_600_000);
    await thread.complete({ input: { input: 'ahead' } });
    jest.spyOn(Date, 'now').mockReturnValue(now);
    const { outcome } = await thread.complete({ input: { input: 'behind' } });
    expect(outcome.thread.values).toMatchObject({ value: 'second behind' });
    const states = await history(thread);
    expect(states.map((state) => state.value).slice(0, 2)).toEqual(['second behind', 'first behind']);
    const before = await readThreadHistory({ ...requestOf(thread), limit: 1, before: states[1]?.id ?? '' });
    expect(before[0]?.checkpoint?.checkpoint_id).toBe(states[2]?.id);
  });
});

describe('the rows of an attempt', () => {
  it('name their run and attempt, and the stored metadata do not', async () => {
    const thread = newThread();
    const run = await thread.run({ input: { input: 'in' }, durability: 'sync' });
    await run.killedAfter(1);
    await run.attempt({ metadata: { purpose: 'test' } });
    for (const table of ['checkpoints', 'checkpoint_blobs', 'checkpoint_writes']) {
      const { rows } = await database.pool.query(
        `SELECT DISTINCT run_id, attempt FROM langgraph.${table} WHERE thread_id = $1 ORDER BY attempt`,
        [thread.threadId],
      );
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.at(-1)).toEqual({ run_id: run.runId, attempt: 2 });
    }
    const { rows } = await database.pool.query(
      `SELECT metadata FROM langgraph.checkpoints WHERE thread_id = $1 ORDER BY commit_seq DESC LIMIT 1`,
      [thread.threadId],
    );
    expect(rows[0].metadata).toMatchObject({ purpose: 'test', source: 'loop', graph_id: 'graph' });
    expect(rows[0].metadata).not.toHaveProperty('run_id');
    // Clients look for the run in the metadata all the same.
    const found = await readThreadHistory({
      ...requestOf(thread),
      limit: 1,
      metadata: { run_id: run.runId, purpose: 'test' },
    });
    expect(found[0]?.metadata).toMatchObject({ run_id: run.runId });
  });

  it('hold NUL characters and lone surrogates exactly in the state, and replaced in the metadata', async () => {
    const thread = newThread();
    const strange = 'a\0b\ud800c';
    const run = await thread.run({ input: { input: strange } });
    const { outcome } = await run.attempt({ metadata: { note: strange } });
    expect(outcome).toMatchObject({ status: 'success', thread: { values: { value: `second ${strange}` } } });
    const state = await readThreadState(requestOf(thread));
    expect(state?.values).toMatchObject({ input: strange });
    expect(state?.metadata).toMatchObject({ note: 'a\uFFFDb\uFFFDc' });
  });

  it('go with their thread', async () => {
    const thread = newThread();
    await thread.complete({ input: { input: 'in' } });
    await deleteThreadCheckpoints(database.pool, thread.threadId);
    expect(await readThreadState(requestOf(thread))).toBeNull();
    const { rowCount } = await database.pool.query(
      'SELECT 1 FROM langgraph.checkpoint_blobs WHERE thread_id = $1',
      [thread.threadId],
    );
    expect(rowCount).toBe(0);
  });
});
