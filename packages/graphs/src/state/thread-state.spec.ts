import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Annotation, interrupt, StateGraph } from '@langchain/langgraph';
import { createDatabase, registryOf, TestThread, type TestDatabase } from '../../test/fixture.js';
import { copyThreadCheckpoints } from '../checkpoint/delete-checkpoints.js';
import {
  readThreadHistory,
  readThreadState,
  updateThreadState,
  type ThreadStateRequest,
} from './thread-state.js';

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
});

const inner = new StateGraph(State)
  .addNode('ask', () => ({ log: [String(interrupt('sure?'))] }))
  .addEdge('__start__', 'ask')
  .compile();
const graph = new StateGraph(State)
  .addNode('a', () => ({ log: ['a'] }))
  .addNode('sub', inner)
  .addEdge('__start__', 'a')
  .addEdge('a', 'sub')
  .compile();

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

async function paused(): Promise<{ thread: TestThread; request: ThreadStateRequest }> {
  const thread = new TestThread(database.pool, registryOf({ graph }), 'graph');
  await thread.complete({ input: { log: ['in'] } });
  return { thread, request: requestOf(thread, thread.threadId) };
}

function requestOf(thread: TestThread, threadId: string): ThreadStateRequest {
  return { registry: thread.registry, pool: thread.pool, threadId, graphId: 'graph' };
}

describe('the state of a thread', () => {
  it('is null for a thread or a checkpoint that does not exist', async () => {
    const { thread, request } = await paused();
    expect(await readThreadState(requestOf(thread, randomUUID()))).toBeNull();
    expect(await readThreadState({ ...request, checkpoint: { checkpoint_id: randomUUID() } })).toBeNull();
  });

  it('has values, open nodes, tasks with their questions, and references', async () => {
    const { thread, request } = await paused();
    const state = await readThreadState(request);
    expect(state).toMatchObject({
      values: { log: ['in', 'a'] },
      next: ['sub'],
      metadata: { source: 'loop', step: 1, run_id: expect.any(String), thread_id: thread.threadId },
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      checkpoint: { thread_id: thread.threadId, checkpoint_ns: '', checkpoint_map: null },
      parent_checkpoint: { checkpoint_id: expect.any(String) },
      interrupts: [{ value: 'sure?' }],
      tasks: [
        {
          name: 'sub',
          error: null,
          result: null,
          state: null,
          interrupts: [{ value: 'sure?', id: expect.any(String) }],
          checkpoint: { checkpoint_ns: expect.stringMatching(/^sub:/) },
        },
      ],
    });
  });

  it('holds the states of subgraphs when asked, which can also be read alone', async () => {
    const { request } = await paused();
    const state = await readThreadState({ ...request, subgraphs: true });
    const [task] = state?.tasks ?? [];
    expect(task?.state).toMatchObject({ values: { log: ['in', 'a'] }, next: ['ask'] });
    const ns = (task?.state as { checkpoint: { checkpoint_ns: string } }).checkpoint.checkpoint_ns;
    const alone = await readThreadState({ ...request, checkpoint: { checkpoint_ns: ns } });
    expect(alone).toMatchObject({ next: ['ask'], checkpoint: { checkpoint_ns: ns } });
  });

  it('has a history, newest first, cut by limit, cursor and metadata', async () => {
    const { request } = await paused();
    const all = await readThreadHistory({ ...request, limit: 10 });
    expect(all.map((state) => state.next)).toEqual([['sub'], ['a'], ['__start__']]);
    const rest = await readThreadHistory({ ...request, limit: 1, before: all[0]?.checkpoint?.checkpoint_id });
    expect(rest).toEqual([all[1]]);
    const inputs = await readThreadHistory({ ...request, limit: 10, metadata: { source: 'input' } });
    expect(inputs).toEqual([all[2]]);
    expect(
      await readThreadHistory({ ...requestOf({ ...request } as never, randomUUID()), limit: 10 }),
    ).toEqual([]);
  });

  it('can be edited as a node, and the edit is of no run', async () => {
    const { request } = await paused();
    const { checkpoint } = await updateThreadState({
      ...request,
      values: { log: ['edited'] },
      asNode: 'sub',
    });
    const state = await readThreadState(request);
    expect(state).toMatchObject({ values: { log: ['in', 'a', 'edited'] }, next: [], checkpoint });
    expect(state?.metadata).toMatchObject({ source: 'update' });
    expect(state?.metadata).not.toHaveProperty('run_id');
  });

  it('can be copied to another thread, which then lives on its own', async () => {
    const { thread, request } = await paused();
    const copy = new TestThread(thread.pool, thread.registry, 'graph');
    await copyThreadCheckpoints(database.pool, thread.threadId, copy.threadId);
    const { outcome } = await copy.complete({ command: { resume: 'yes' } });
    // The subgraph returns all that it was given, hence the repetition.
    expect(outcome.thread).toMatchObject({ status: 'idle', values: { log: ['in', 'a', 'in', 'a', 'yes'] } });
    expect(await readThreadState(request)).toMatchObject({ next: ['sub'], values: { log: ['in', 'a'] } });
  });
});
