import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Annotation, interrupt, StateGraph } from '@langchain/langgraph';
import type { RunKwargs } from '@longrun/contracts';
import { createDatabase, registryOf, TestThread, type TestDatabase } from '../../test/fixture.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (before, added) => before.concat(added), default: () => [] }),
});
const asks = (name: string) => () => ({ log: [`${name}:${String(interrupt(`${name}?`))}`] });
/** Puts two questions at once. */
const graph = new StateGraph(State)
  .addNode('a', asks('a'))
  .addNode('b', asks('b'))
  .addEdge('__start__', 'a')
  .addEdge('__start__', 'b')
  .compile();

const UNKNOWN = '0'.repeat(32);

describe('strict_resume', () => {
  const setUp = async () => {
    const thread = new TestThread(database.pool, registryOf({ graph }), 'graph');
    const { outcome } = await thread.complete({ input: { log: [] } });
    const questions = Object.values(outcome.thread.interrupts).flat();
    const idOf = (value: string): string => questions.find((question) => question.value === value)?.id ?? '';
    const answer = (resume: unknown, kwargs: Partial<RunKwargs> = {}) =>
      thread.complete({ command: { resume }, strict_resume: true, ...kwargs });
    return { a: idOf('a?'), b: idOf('b?'), answer };
  };

  it('takes answers to questions that wait, one after the other, and falsy ones too', async () => {
    const { a, b, answer } = await setUp();
    const first = await answer({ [a]: 'yes' });
    expect(first.outcome).toMatchObject({ status: 'success', thread: { status: 'interrupted' } });
    const second = await answer({ [b]: false });
    expect(second.outcome).toMatchObject({
      status: 'success',
      thread: { status: 'idle', values: { log: ['a:yes', 'b:false'] } },
    });
  });

  it('takes one answer for the one question that waits', async () => {
    const { a, answer } = await setUp();
    await answer({ [a]: 'yes' });
    expect((await answer('no')).outcome.thread).toMatchObject({ values: { log: ['a:yes', 'b:no'] } });
  });

  it.each([
    ['a question that does not wait', { [UNKNOWN]: 1 }, { reason: 'not_pending', interruptIds: [UNKNOWN] }],
    ['an empty map', {}, { reason: 'empty_map', interruptIds: [] }],
    ['one answer to two questions', 'yes', { reason: 'ambiguous', interruptIds: [] }],
  ])('refuses %s, and the thread stays as it was', async (_name, resume, refusal) => {
    const { a, b, answer } = await setUp();
    const { events, outcome } = await answer(resume);
    expect(outcome.cause).toMatchObject(refusal);
    expect([...(outcome.cause as { pendingIds: string[] }).pendingIds].sort()).toEqual([a, b].sort());
    expect(outcome).toMatchObject({
      status: 'error',
      error: { error: 'UnknownInterruptError' },
      thread: { status: 'interrupted', values: { log: [] } },
    });
    expect(events.map(({ event }) => event)).toEqual(['error']);
    await answer({ [a]: 1, [b]: 2 });
  });

  it('refuses an answer that was given already', async () => {
    const { a, b, answer } = await setUp();
    await answer({ [a]: 'yes' });
    expect((await answer({ [a]: 'again', [b]: 'x' })).outcome.cause).toMatchObject({
      reason: 'not_pending',
      interruptIds: [a],
      pendingIds: [b],
    });
    await answer({ [b]: 'no' });
    expect((await answer('late')).outcome).toMatchObject({
      error: { error: 'UnknownInterruptError' },
      thread: { status: 'idle', values: { log: ['a:yes', 'b:no'] } },
    });
  });

  it('ignores such answers when it is not asked for, and does not mind commands without one', async () => {
    const { answer } = await setUp();
    const lenient = await answer({ [UNKNOWN]: 1 }, { strict_resume: false });
    expect(lenient.outcome.status).toBe('success');
    const update = await answer(undefined, { command: { update: { log: ['u'] } } });
    expect(update.outcome.status).toBe('success');
  });
});
