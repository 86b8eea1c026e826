import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Annotation, interrupt, Send, StateGraph } from '@langchain/langgraph';
import type { RunKwargs } from '@longrun/contracts';
import {
  createDatabase,
  registryOf,
  TestThread,
  type AttemptResult,
  type TestDatabase,
} from '../../test/fixture.js';
import { readThreadHistory } from '../state/thread-state.js';
import { executeAttempt } from './execute-attempt.js';

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
});

/** Everything the user code of one thread did, in order; a rescue may repeat a step, but never give an answer twice. */
type Journal = string[];

function steps(journal: Journal, ...names: string[]): StateGraph<typeof State> {
  const graph = new StateGraph(State) as unknown as StateGraph<typeof State> & Record<string, never>;
  const builder = graph as unknown as {
    addNode(name: string, node: () => unknown): void;
    addEdge(from: string, to: string): void;
  };
  names.forEach((name, index) => {
    builder.addNode(name, () => {
      journal.push(name);
      return { log: [name] };
    });
    builder.addEdge(index === 0 ? '__start__' : (names[index - 1] as string), name);
  });
  return graph;
}

function abc(journal: Journal): unknown {
  return steps(journal, 'a', 'b', 'c').compile();
}

function twoQuestions(journal: Journal): StateGraph<typeof State> {
  return new StateGraph(State)
    .addNode('ask', () => {
      journal.push('ask');
      const first = String(interrupt('first?'));
      journal.push(`first=${first}`);
      const second = String(interrupt('second?'));
      journal.push(`second=${second}`);
      return { log: [`${first},${second}`] };
    })
    .addEdge('__start__', 'ask') as unknown as StateGraph<typeof State>;
}

function nestedQuestions(journal: Journal): unknown {
  return new StateGraph(State)
    .addNode('sub', twoQuestions(journal).compile())
    .addNode('after', () => ({ log: ['after'] }))
    .addEdge('__start__', 'sub')
    .addEdge('sub', 'after')
    .compile();
}

function parallelQuestions(journal: Journal): unknown {
  const ask = (name: string) => () => {
    const first = JSON.stringify(interrupt(`${name}1?`));
    journal.push(`${name}1=${first}`);
    const second = JSON.stringify(interrupt(`${name}2?`));
    journal.push(`${name}2=${second}`);
    return { log: [`${name}:${first},${second}`] };
  };
  return new StateGraph(State)
    .addNode('x', ask('x'))
    .addNode('y', ask('y'))
    .addEdge('__start__', 'x')
    .addEdge('__start__', 'y')
    .compile();
}

function fanOut(journal: Journal): unknown {
  return new StateGraph(State)
    .addNode('plan', () => ({ log: ['plan'] }))
    .addNode('work', (state: { log: string[] }) => {
      journal.push(`work:${state.log.join()}`);
      return { log: [`done:${state.log.join()}`] };
    })
    .addEdge('__start__', 'plan')
    .addConditionalEdges('plan', () => ['1', '2', '3'].map((n) => new Send('work', { log: [n] })))
    .compile();
}

function nestedSteps(journal: Journal): unknown {
  return new StateGraph(State)
    .addNode('sub', steps(journal, 'x', 'y', 'z').compile())
    .addNode('after', () => ({ log: ['after'] }))
    .addEdge('__start__', 'sub')
    .addEdge('sub', 'after')
    .compile();
}

/** The checkpoint at which `node` was next. */
async function checkpointBefore(thread: TestThread, node: string): Promise<string> {
  const { registry, pool, threadId, graphId } = thread;
  const states = await readThreadHistory({ registry, pool, threadId, graphId, limit: 100 });
  return states.find((state) => state.next.includes(node))?.checkpoint?.checkpoint_id ?? '';
}

interface Scenario {
  graph(journal: Journal): unknown;
  /** Runs before the one that is disturbed. */
  history?: Partial<RunKwargs>[];
  run: Partial<RunKwargs> | ((thread: TestThread, last: AttemptResult) => Promise<Partial<RunKwargs>>);
  expected: { status: string; next: string[]; log: string[] };
  /** What must never be in the journal. */
  never?: string[];
}

const scenarios: Record<string, Scenario> = {
  'a first run': {
    graph: abc,
    run: { input: { log: ['in'] } },
    expected: { status: 'idle', next: [], log: ['in', 'a', 'b', 'c'] },
  },
  'a run on a thread with history': {
    graph: abc,
    history: [{ input: { log: ['one'] } }],
    run: { input: { log: ['two'] } },
    expected: { status: 'idle', next: [], log: ['one', 'a', 'b', 'c', 'two', 'a', 'b', 'c'] },
  },
  'a breakpoint before a node': {
    graph: abc,
    history: [{ input: { log: ['one'] } }],
    run: { input: { log: ['in'] }, interrupt_before: ['b'] },
    expected: { status: 'interrupted', next: ['b'], log: ['one', 'a', 'b', 'c', 'in', 'a'] },
  },
  'a breakpoint before every node': {
    graph: abc,
    run: { input: { log: ['in'] }, interrupt_before: '*' },
    expected: { status: 'interrupted', next: ['a'], log: ['in'] },
    never: ['a', 'b', 'c'],
  },
  'a breakpoint after a node': {
    graph: abc,
    run: { input: { log: ['in'] }, interrupt_after: ['b'] },
    expected: { status: 'interrupted', next: ['c'], log: ['in', 'a', 'b'] },
    never: ['c'],
  },
  'going on from a breakpoint to the next one': {
    graph: abc,
    history: [{ input: { log: ['in'] }, interrupt_before: ['b'] }],
    run: { input: null, interrupt_before: ['b', 'c'] },
    expected: { status: 'interrupted', next: ['c'], log: ['in', 'a', 'b'] },
    never: ['c'],
  },
  'a question': {
    graph: (journal) => twoQuestions(journal).compile(),
    run: { input: { log: ['in'] } },
    expected: { status: 'interrupted', next: ['ask'], log: ['in'] },
  },
  'an answer, then another question': {
    graph: (journal) => twoQuestions(journal).compile(),
    history: [{ input: { log: ['in'] } }],
    run: { command: { resume: 'yes' } },
    expected: { status: 'interrupted', next: ['ask'], log: ['in'] },
    never: ['second=yes'],
  },
  'a falsy answer, then another question': {
    graph: (journal) => twoQuestions(journal).compile(),
    history: [{ input: { log: ['in'] } }],
    run: { command: { resume: false } },
    expected: { status: 'interrupted', next: ['ask'], log: ['in'] },
    never: ['second=false'],
  },
  'an answer in a subgraph, then another question': {
    graph: nestedQuestions,
    history: [{ input: { log: ['in'] } }],
    run: { command: { resume: 'yes' } },
    expected: { status: 'interrupted', next: ['sub'], log: ['in'] },
    never: ['second=yes'],
  },
  'the last answer in a subgraph': {
    graph: nestedQuestions,
    history: [{ input: { log: ['in'] } }, { command: { resume: 'yes' } }],
    run: { command: { resume: 'no' } },
    expected: { status: 'idle', next: [], log: ['in', 'in', 'yes,no', 'after'] },
    never: ['first=no', 'second=yes'],
  },
  'answers by question': {
    graph: parallelQuestions,
    history: [{ input: { log: ['in'] } }],
    run: async (_thread, last) => {
      const questions = Object.values(last.outcome.thread.interrupts).flat();
      const x = questions.find((question) => question.value === 'x1?');
      return { command: { resume: { [String(x?.id)]: 'yes' } } };
    },
    expected: { status: 'interrupted', next: ['y', 'x'], log: ['in'] },
    never: ['x2="yes"', 'y1="yes"'],
  },
  'an update by command': {
    graph: abc,
    history: [{ input: { log: ['in'] }, interrupt_before: ['b'] }],
    run: { command: { update: { log: ['update'] } } },
    expected: { status: 'idle', next: [], log: ['in', 'a', 'update', 'b', 'c'] },
  },
  'an answer with an update': {
    graph: (journal) => twoQuestions(journal).compile(),
    history: [{ input: { log: ['in'] } }, { command: { resume: 'yes' } }],
    run: { command: { resume: 'no', update: { log: ['update'] } } },
    expected: { status: 'idle', next: [], log: ['in', 'update', 'yes,no'] },
    never: ['first=no', 'second=yes'],
  },
  'a jump by command': {
    graph: abc,
    history: [{ input: { log: ['in'] } }],
    run: { command: { goto: 'c' } },
    expected: { status: 'idle', next: [], log: ['in', 'a', 'b', 'c', 'c'] },
  },
  'a subgraph of several steps': {
    graph: nestedSteps,
    run: { input: { log: ['in'] } },
    expected: { status: 'idle', next: [], log: ['in', 'in', 'x', 'y', 'z', 'after'] },
  },
  'a fork from an older checkpoint': {
    graph: abc,
    history: [{ input: { log: ['one'] } }, { input: { log: ['two'] } }],
    run: async (thread) => {
      const older = await checkpointBefore(thread, 'b');
      return { input: { log: ['fork'] }, checkpoint: { checkpoint_id: older } };
    },
    expected: { status: 'idle', next: [], log: ['one', 'a', 'b', 'c', 'two', 'a', 'fork', 'a', 'b', 'c'] },
  },
  'a fork that an older client asks for': {
    graph: abc,
    history: [{ input: { log: ['one'] } }],
    run: async (thread) => {
      const older = await checkpointBefore(thread, 'b');
      return { input: { log: ['fork'] }, config: { configurable: { checkpoint_id: older } } };
    },
    expected: { status: 'idle', next: [], log: ['one', 'a', 'fork', 'a', 'b', 'c'] },
  },
  'going on from an older checkpoint': {
    graph: abc,
    history: [{ input: { log: ['one'] } }],
    run: async (thread) => ({ checkpoint: { checkpoint_id: await checkpointBefore(thread, 'b') } }),
    expected: { status: 'idle', next: [], log: ['one', 'a', 'b', 'c'] },
    never: ['a'],
  },
  'an answer to an older checkpoint, whose earlier answers LangGraph keeps': {
    graph: (journal) => twoQuestions(journal).compile(),
    history: [{ input: { log: ['in'] } }, { command: { resume: 'yes' } }, { command: { resume: 'no' } }],
    run: async (thread) => ({
      command: { resume: 'other' },
      checkpoint: { checkpoint_id: await checkpointBefore(thread, 'ask') },
    }),
    expected: { status: 'idle', next: [], log: ['in', 'yes,no'] },
    never: ['first=other'],
  },
  'many tasks at once': {
    graph: fanOut,
    run: { input: { log: ['in'] } },
    expected: { status: 'idle', next: [], log: ['in', 'plan', 'done:1', 'done:2', 'done:3'] },
  },
};

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

async function prepare(
  scenario: Scenario,
): Promise<{ thread: TestThread; kwargs: Partial<RunKwargs>; journal: Journal }> {
  const journal: Journal = [];
  const thread = new TestThread(database.pool, registryOf({ graph: scenario.graph(journal) }), 'graph');
  let last: AttemptResult | undefined;
  for (const kwargs of scenario.history ?? []) last = await thread.complete(kwargs);
  const kwargs =
    typeof scenario.run === 'function' ? await scenario.run(thread, last as AttemptResult) : scenario.run;
  journal.length = 0;
  return { thread, kwargs, journal };
}

function check(scenario: Scenario, result: AttemptResult, journal: Journal): void {
  const { status, next, log } = scenario.expected;
  expect(result.outcome.status).toBe('success');
  expect({ status: result.outcome.thread.status, next: [...result.outcome.thread.next].sort() }).toEqual({
    status,
    next: [...next].sort(),
  });
  expect(result.outcome.thread.values).toEqual({ log });
  for (const entry of scenario.never ?? []) expect(journal).not.toContain(entry);
}

describe.each(Object.entries(scenarios))('%s', (_name, scenario) => {
  it('ends as expected when nothing disturbs it', async () => {
    const { thread, kwargs, journal } = await prepare(scenario);
    check(scenario, await thread.complete(kwargs), journal);
  });

  it.each(['async', 'sync'] as const)('ends the same when killed at any write (%s)', async (durability) => {
    for (let writes = 0, killed = true; killed; writes += 1) {
      const { thread, kwargs, journal } = await prepare(scenario);
      const run = await thread.run({ ...kwargs, durability });
      killed = await run.killedAfter(writes);
      check(scenario, await run.attempt(), journal);
    }
  });

  it('ends the same when killed twice', async () => {
    for (let writes = 0, killed = true; killed; writes += 1) {
      const { thread, kwargs, journal } = await prepare(scenario);
      const run = await thread.run(kwargs);
      killed = await run.killedAfter(writes);
      await run.killedAfter(1);
      check(scenario, await run.attempt(), journal);
    }
  });

  it('executes nothing when only its end was lost', async () => {
    const { thread, kwargs, journal } = await prepare(scenario);
    const run = await thread.run(kwargs);
    await run.attempt();
    journal.length = 0;
    check(scenario, await run.attempt(), journal);
    expect(journal).toEqual([]);
  });

  it('starts again with durability exit', async () => {
    for (let writes = 0, killed = true; killed; writes += 1) {
      const { thread, kwargs, journal } = await prepare(scenario);
      const run = await thread.run({ ...kwargs, durability: 'exit' });
      killed = await run.killedAfter(writes);
      check(scenario, await run.attempt(), journal);
    }
  });
});

describe('a rescued run', () => {
  it('does not execute again what was committed, and first shows where it stands', async () => {
    const journal: Journal = [];
    const thread = new TestThread(database.pool, registryOf({ graph: abc(journal) }), 'graph');
    const run = await thread.run({ input: { log: ['in'] }, durability: 'sync' });
    const attempt = executeAttempt(run.input());
    for await (const event of attempt) if (event.data.includes('"b"')) break;
    journal.length = 0;
    const { events } = await run.attempt();
    expect(journal).toEqual(['c']);
    expect(events[0]).toEqual({ event: 'values', data: '{"log":["in","a","b"]}' });
  });

  it('shows the state and the question it stopped at, if only its end was lost', async () => {
    const thread = new TestThread(database.pool, registryOf({ graph: twoQuestions([]).compile() }), 'graph');
    const run = await thread.run({ input: { log: ['in'] } });
    await run.attempt();
    const { data } = await run.attempt();
    const question = { id: expect.any(String), value: 'first?' };
    expect(data('values')).toEqual([{ log: ['in'] }, { __interrupt__: [question] }]);
  });

  it('goes on in another process when the first one was killed', async () => {
    const [runId, threadId] = [randomUUID(), randomUUID()];
    const execute = (attempt: string): Promise<{ stdout: string }> =>
      promisify(execFile)(
        process.execPath,
        [path.resolve('test/killed-process.mjs'), attempt, runId, threadId],
        {
          env: { PATH: process.env.PATH, TEST_DATABASE: database.url },
        },
      );
    await expect(execute('1')).rejects.toMatchObject({ signal: 'SIGKILL' });
    const { stdout } = await execute('2');
    expect(JSON.parse(stdout)).toEqual({
      executed: ['b', 'c'],
      outcome: {
        status: 'success',
        thread: { status: 'idle', values: { log: ['in', 'a', 'b', 'c'] }, next: [], interrupts: {} },
      },
    });
  });
});
