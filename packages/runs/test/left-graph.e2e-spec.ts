import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sessionSettings } from '@longrun/database';
// The built package: the heartbeat has a thread of its own.
import {
  Heartbeat,
  InProcessEventBus,
  InProcessRunQueue,
  RunEventWriter,
  RunExecutor,
  type ExecuteArguments,
  type GraphEngine,
  type RunExecutorOptions,
} from '../dist/index.js';
import { createFixture, GRAPHS, type Fixture } from './fixture.js';

const EVENT_LIMIT_BYTES = 1_000;
const TOO_LARGE = { event: 'custom', data: 'x'.repeat(EVENT_LIMIT_BYTES + 1) };

describe('a graph that is left at an event that cannot be stored', () => {
  let fixture: Fixture;
  let heartbeat: Heartbeat;
  let writer: RunEventWriter;
  const bus = new InProcessEventBus();
  beforeAll(async () => {
    fixture = await createFixture();
    const session = sessionSettings({ url: fixture.url });
    writer = new RunEventWriter({ session, bus, eventLimitBytes: EVENT_LIMIT_BYTES });
    heartbeat = new Heartbeat({
      session,
      workerId: '00000000-0000-4000-8000-000000000001',
      graphIds: GRAPHS,
    });
    await heartbeat.start();
  });
  afterAll(async () => {
    await heartbeat.stop();
    await writer.close();
    await fixture.close();
  });

  /** Executes a run with `engine`. */
  const execute = async (engine: Pick<GraphEngine, 'execute' | 'readThread'>): Promise<unknown> => {
    const silent = (): undefined => undefined;
    const options: RunExecutorOptions = {
      store: fixture.store,
      writer,
      bus,
      queue: new InProcessRunQueue(),
      heartbeat,
      engine: { ...engine, graphIds: GRAPHS, close: async () => undefined },
      log: { debug: silent, info: silent, warn: silent, error: silent },
    };
    const { runId, threadId } = await fixture.create();
    expect(await new RunExecutor(options).process(runId)).toBe(true);
    const { rows } = await fixture.pool.query(
      `SELECT run.status, thread.values, run.error ->> 'message' AS message FROM run JOIN thread USING (thread_id)
        WHERE thread_id = $1`,
      [threadId],
    );
    return rows[0];
  };

  const ended = {
    status: 'error',
    values: { committed: 'its steps' },
    message: expect.stringContaining('EVENT_LIMIT_BYTES'),
  };

  it('commits what it has done before its thread is read', async () => {
    let committed = 'nothing';
    const run = await execute({
      execute: async function* ({ signal }: ExecuteArguments) {
        yield TOO_LARGE;
        // Where an engine finds that it was left, and writes what its graph has handed in.
        committed = signal.aborted ? 'its steps' : 'too early';
        signal.throwIfAborted();
        throw new Error('It was not left.');
      },
      readThread: async () => ({ status: 'idle', values: { committed }, interrupts: {} }),
    });
    expect(run).toEqual(ended);
  });

  it('has what it left unwritten written before its thread is read', async () => {
    let committed = 'nothing';
    const write = async (): Promise<void> => void (committed = 'its steps');
    const thread = { status: 'idle' as const, values: {}, interrupts: {} };
    const run = await execute({
      execute: async function* () {
        yield TOO_LARGE;
        // It was through before it noticed.
        const unwritten = { rows: '{}', bytes: Buffer.of(), written: () => undefined, write };
        return { status: 'success', thread, unwritten };
      },
      readThread: async () => ({ ...thread, values: { committed } }),
    });
    expect(run).toEqual(ended);
  });
});
