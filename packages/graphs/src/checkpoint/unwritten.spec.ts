/**
 * What an attempt leaves to the end of its run: the checkpoints that nobody has begun to write when its graph is through.
 */
import { Annotation, START, StateGraph } from '@langchain/langgraph';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LongrunError, type RunKwargs } from '@longrun/contracts';
import {
  createDatabase,
  registryOf,
  TestThread,
  type TestDatabase,
  type TestRun,
} from '../../test/fixture.js';
import type { AttemptOutcome } from '../execute/execute-attempt.js';
import type { HoldingFence } from './fenced-transaction.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

const State = Annotation.Root({ value: Annotation<string>() });

/** A graph of two steps, the second of which begins with `pause`. */
async function runOf(pause: () => Promise<void>, kwargs: Partial<RunKwargs> = {}): Promise<TestRun> {
  const graph = new StateGraph(State)
    .addNode('first', () => ({ value: 'a' }))
    .addNode('second', async () => {
      await pause();
      return { value: 'b' };
    })
    .addEdge(START, 'first')
    .addEdge('first', 'second')
    .compile();
  const thread = new TestThread(database.pool, registryOf({ graph }), 'graph');
  return thread.run({ input: { value: 'in' }, ...kwargs });
}

/** @param attempt none but 1 may write */
function fence(attempt = 1): HoldingFence {
  return {
    text: 'SELECT 1 WHERE $1::uuid IS NOT NULL AND $2::int = 1',
    values: ['00000000-0000-4000-8000-000000000001', attempt],
    refusal: () => new LongrunError('RUN_FENCED', 'taken away'),
  };
}

async function attempt(run: TestRun, leavesUnwritten = true, held = fence()): Promise<AttemptOutcome> {
  return (await run.attempt({ fence: held, leavesUnwritten })).outcome;
}

async function steps({ thread }: TestRun): Promise<number[]> {
  const { rows } = await database.pool.query<{ step: number }>(
    `SELECT (metadata->>'step')::int AS step FROM langgraph.checkpoints WHERE thread_id = $1 ORDER BY commit_seq`,
    [thread.threadId],
  );
  return rows.map(({ step }) => step);
}

const none = async (): Promise<void> => undefined;

describe('the end of an attempt', () => {
  it('gets all checkpoints of a graph that never waited, and the thread as it will be', async () => {
    const run = await runOf(none);
    const { thread, unwritten } = await attempt(run);
    expect(thread.values).toEqual({ value: 'b' });
    expect(await steps(run)).toEqual([]);
    await unwritten?.write();
    expect(await steps(run)).toEqual([-1, 0, 1, 2]);
  });

  it('may write them twice', async () => {
    const run = await runOf(none);
    const { unwritten } = await attempt(run);
    await Promise.all([unwritten?.write(), unwritten?.write()]);
    await unwritten?.write();
    expect(await steps(run)).toEqual([-1, 0, 1, 2]);
  });

  it('gets only the last ones of a graph that waited until the others were committed', async () => {
    const run: TestRun = await runOf(async () => {
      while ((await steps(run)).length < 3);
    });
    const { unwritten } = await attempt(run);
    expect(await steps(run)).toEqual([-1, 0, 1]);
    await unwritten?.write();
    expect(await steps(run)).toEqual([-1, 0, 1, 2]);
  });

  it.each([
    ['with sync, which wants each step committed before the next', true, { durability: 'sync' as const }],
    ['unless it takes them', false, {}],
  ])('gets none %s', async (_when, leavesUnwritten, kwargs) => {
    const run = await runOf(none, kwargs);
    const { unwritten } = await attempt(run, leavesUnwritten);
    expect(unwritten).toBeUndefined();
    expect(await steps(run)).toEqual([-1, 0, 1, 2]);
  });

  it('cannot write them once the run was taken away', async () => {
    const run = await runOf(none);
    const { unwritten } = await attempt(run, true, fence(2));
    await expect(unwritten?.write()).rejects.toMatchObject({ code: 'RUN_FENCED' });
    expect(await steps(run)).toEqual([]);
  });
});
