import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Annotation, interrupt, MessagesAnnotation, StateGraph } from '@langchain/langgraph';
import { createDatabase, registryOf, TestThread, type TestDatabase } from '../../test/fixture.js';

const State = Annotation.Root({
  steps: Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
});

function stepGraph(): unknown {
  return new StateGraph(State)
    .addNode('a', () => ({ steps: ['a'] }))
    .addNode('b', () => ({ steps: ['b'] }))
    .addNode('c', () => ({ steps: ['c'] }))
    .addEdge('__start__', 'a')
    .addEdge('a', 'b')
    .addEdge('b', 'c')
    .compile();
}

function askingGraph(): unknown {
  return new StateGraph(State)
    .addNode('ask', () => ({ steps: [`answer:${JSON.stringify(interrupt('go?'))}`] }))
    .addEdge('__start__', 'ask')
    .compile();
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

function thread(graph: unknown): TestThread {
  return new TestThread(database.pool, registryOf({ graph }), 'graph');
}

describe('an attempt that nothing disturbs', () => {
  it('streams values and ends with the state of the thread', async () => {
    const result = await thread(stepGraph()).complete({
      input: { steps: ['in'] },
      stream_mode: ['values', 'updates'],
    });
    expect(result.outcome).toEqual({
      status: 'success',
      thread: { status: 'idle', values: { steps: ['in', 'a', 'b', 'c'] }, next: [], interrupts: {} },
    });
    expect(result.data('values').at(-1)).toEqual({ steps: ['in', 'a', 'b', 'c'] });
    expect(result.data('updates')).toEqual([
      { a: { steps: ['a'] } },
      { b: { steps: ['b'] } },
      { c: { steps: ['c'] } },
    ]);
  });

  it('continues a thread with its history', async () => {
    const talk = thread(stepGraph());
    await talk.complete({ input: { steps: ['one'] } });
    const { outcome } = await talk.complete({ input: { steps: ['two'] } });
    expect(outcome.thread.values).toEqual({ steps: ['one', 'a', 'b', 'c', 'two', 'a', 'b', 'c'] });
  });

  it.each([true, false, 0, '', 'yes', { a: 1 }])(
    'pauses at a question and takes the answer %j',
    async (resume) => {
      const talk = thread(askingGraph());
      const first = await talk.complete({ input: { steps: [] } });
      expect(first.outcome.status).toBe('success');
      expect(first.outcome.thread).toMatchObject({ status: 'interrupted', next: ['ask'] });
      expect(Object.values(first.outcome.thread.interrupts)).toEqual([
        [expect.objectContaining({ value: 'go?' })],
      ]);
      const second = await talk.complete({ command: { resume } });
      expect(second.outcome.thread).toMatchObject({
        status: 'idle',
        values: { steps: [`answer:${JSON.stringify(resume)}`] },
      });
    },
  );

  it('stops before and after a node when asked to', async () => {
    const talk = thread(stepGraph());
    const before = await talk.complete({ input: { steps: [] }, interrupt_before: ['b'] });
    expect(before.outcome.thread).toMatchObject({
      status: 'interrupted',
      next: ['b'],
      values: { steps: ['a'] },
    });
    const after = await talk.complete({ input: null, interrupt_after: '*' });
    expect(after.outcome.thread).toMatchObject({ next: ['c'], values: { steps: ['a', 'b'] } });
  });

  it('jumps to a node with an input of its own', async () => {
    const talk = thread(stepGraph());
    await talk.complete({ input: { steps: [] }, interrupt_before: ['b'] });
    const command = { goto: { node: 'c', input: { steps: ['given'] } }, update: { steps: ['updated'] } };
    const { outcome } = await talk.complete({ command });
    expect(outcome.status).toBe('success');
    expect(JSON.stringify(outcome.thread.values)).toContain('updated');
  });

  it('ends as an error with the name and message of what the graph threw', async () => {
    const graph = new StateGraph(State)
      .addNode('a', () => {
        throw new TypeError('no such tool');
      })
      .addEdge('__start__', 'a')
      .compile();
    const { outcome, events } = await thread(graph).complete({ input: { steps: ['in'] } });
    expect(events.at(-1)).toEqual({ event: 'error', data: '{"error":"TypeError","message":"no such tool"}' });
    expect(outcome).toMatchObject({
      status: 'error',
      error: { error: 'TypeError', message: 'no such tool' },
      thread: { status: 'error', next: ['a'] },
    });
  });

  it('flattens messages', async () => {
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('a', () => ({ messages: [{ role: 'assistant', content: 'hi', id: 'm2' }] }))
      .addEdge('__start__', 'a')
      .compile();
    const input = { messages: [{ role: 'user', content: 'hello', id: 'm1' }] };
    const { outcome } = await thread(graph).complete({ input });
    expect(outcome.thread.values).toMatchObject({
      messages: [
        { type: 'human', content: 'hello', id: 'm1' },
        { type: 'ai', content: 'hi', id: 'm2' },
      ],
    });
  });
});
