/**
 * What an attempt shows of its thread without asking for it, beside what is asked for.
 */
import { AIMessage } from '@langchain/core/messages';
import { Annotation, interrupt, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createDatabase, registryOf, TestThread, type TestDatabase } from '../../test/fixture.js';
import { NewestRoot } from './newest-root.js';
import { readThreadState } from '../state/thread-state.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());
afterEach(() => void jest.restoreAllMocks());

const State = Annotation.Root({
  ...MessagesAnnotation.spec,
  kept: Annotation<string>(),
  odd: Annotation<unknown>(),
  question: Annotation<string | null>(),
});

const graph = new StateGraph(State)
  .addNode('say', () => ({
    messages: [new AIMessage('héllo')],
    odd: { at: new Date(0), map: new Map([['a', 1]]), bytes: new Uint8Array([1, 2]), nothing: undefined },
  }))
  .addNode('ask', ({ question }) => (question ? { kept: interrupt<string, string>(question) } : {}))
  .addEdge(START, 'say')
  .addEdge('say', 'ask')
  .compile();

function newThread(): TestThread {
  return new TestThread(database.pool, registryOf({ graph }), 'graph');
}

/** Statements on checkpoints that are asked for from now on. */
function looks(): string[] {
  const names: string[] = [];
  const query = database.pool.query.bind(database.pool) as (...args: unknown[]) => unknown;
  jest.spyOn(database.pool, 'query').mockImplementation((...args: unknown[]) => {
    const { name } = args[0] as { name?: string };
    if (name?.startsWith('select-')) names.push(name);
    return query(...args);
  });
  return names;
}

async function stored({ registry, pool, threadId, graphId }: TestThread): Promise<unknown> {
  return (await readThreadState({ registry, pool, threadId, graphId }))?.values;
}

describe('the newest root', () => {
  it.each(['after', 'before'])(
    'is asked of Postgres when a task has spoken beside it, %s it was made ready',
    (when) => {
      const newest = new NewestRoot();
      const checkpoint = {
        thread_id: 'thread',
        checkpoint_ns: '',
        checkpoint_id: 'c1',
        parent_checkpoint_id: null,
        checkpoint: '{"channel_versions":{}}',
        metadata: '{}',
      };
      newest.isAddedTo('an earlier one');
      if (when === 'before') newest.isAddedTo('c1');
      newest.isWritten(checkpoint, []);
      if (when === 'after') {
        expect(newest.row('thread', 'run')).toMatchObject({ checkpoint_id: 'c1' });
        newest.isAddedTo('c1');
      }
      expect(newest.row('thread', 'run')).toBeUndefined();
    },
  );
});

describe('the thread at the end of an attempt', () => {
  it('is what Postgres holds, which is not asked on a new thread, and once on one with a history', async () => {
    const thread = newThread();
    for (const asked of [[], ['select-checkpoint']]) {
      const names = looks();
      const { outcome } = await thread.complete({ input: { kept: 'kept' } });
      expect(names).toEqual(asked);
      jest.restoreAllMocks();
      expect(outcome.thread).toMatchObject({ status: 'idle', values: { kept: 'kept' } });
      expect(outcome.thread.values).toEqual(await stored(thread));
    }
  });

  it('has what an earlier run has left and this one has not touched', async () => {
    const thread = newThread();
    await thread.complete({ input: { kept: 'by the first' } });
    const names = looks();
    const { outcome } = await thread.complete({ input: { question: null } });
    expect(names).toEqual(['select-checkpoint']);
    jest.restoreAllMocks();
    expect(outcome.thread.values).toMatchObject({ kept: 'by the first' });
    expect(outcome.thread.values).toEqual(await stored(thread));
  });

  it('has its questions, for which it is asked, and the answer', async () => {
    const thread = newThread();
    const asking = await thread.complete({ input: { question: 'well?' } });
    expect(asking.outcome.thread).toMatchObject({ status: 'interrupted', next: ['ask'] });
    expect(Object.values(asking.outcome.thread.interrupts)).toMatchObject([[{ value: 'well?' }]]);
    const answered = await thread.complete({ command: { resume: 'yes' } });
    expect(answered.outcome.thread).toMatchObject({
      status: 'idle',
      values: { kept: 'yes' },
      interrupts: {},
    });
    expect(answered.outcome.thread.values).toEqual(await stored(thread));
  });
});
