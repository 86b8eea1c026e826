/**
 * A database, a thread and a run for tests of this package, with an attempt that can be killed at a chosen write.
 */
import { randomUUID } from 'node:crypto';
import { LongrunError, type RunEvent, type RunKwargs } from '@longrun/contracts';
import pg from 'pg';
import { setupCheckpointTables } from '../src/checkpoint/checkpoint-schema.js';
import { executeAttempt, type AttemptInput, type AttemptOutcome } from '../src/execute/execute-attempt.js';
import { createRegistry, type GraphRegistry } from '../src/registry/graph-registry.js';

export interface TestDatabase {
  url: string;
  pool: pg.Pool;
  close(): Promise<void>;
}

/** A fresh database with the tables of this package. */
export async function createDatabase(): Promise<TestDatabase> {
  const server = process.env.LONGRUN_TEST_DATABASE_URL;
  if (server === undefined) throw new Error('LONGRUN_TEST_DATABASE_URL is not set');
  const name = `graphs_${randomUUID().replaceAll('-', '')}`;
  const admin = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await admin(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 10, pipeline: true });
  pool.on('error', () => undefined);
  await setupCheckpointTables(pool);
  return {
    url: url.href,
    pool,
    close: async () => {
      await pool.end();
      await admin(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** A registry of graphs in memory. */
export function registryOf(graphs: Record<string, unknown>): GraphRegistry {
  return createRegistry(Object.entries(graphs).map(([id, exported]) => ({ id, exported })));
}

/** Kwargs of a run with defaults of the wire. */
export function kwargsOf(kwargs: Partial<RunKwargs> = {}): RunKwargs {
  return {
    config: {},
    stream_mode: ['values'],
    subgraphs: false,
    resumable: true,
    temporary: false,
    ...kwargs,
  };
}

/** What an attempt did. */
export interface AttemptResult {
  events: RunEvent[];
  /** Data of the events of one name, parsed. */
  data(event: string): unknown[];
  outcome: AttemptOutcome;
}

/** A thread with its runs, as the worker drives them. */
export class TestThread {
  readonly threadId = randomUUID();

  constructor(
    readonly pool: pg.Pool,
    readonly registry: GraphRegistry,
    readonly graphId: string,
  ) {}

  /** A new run; its attempts share the base checkpoint. */
  async run(kwargs: Partial<RunKwargs> = {}): Promise<TestRun> {
    return new TestRun(this, kwargsOf(kwargs), await this.newest());
  }

  /** Runs to the end in one attempt. */
  async complete(kwargs: Partial<RunKwargs> = {}): Promise<AttemptResult> {
    return (await this.run(kwargs)).attempt();
  }

  private async newest(): Promise<string | null> {
    const { rows } = await this.pool.query<{ checkpoint_id: string }>(
      `SELECT checkpoint_id FROM langgraph.checkpoints WHERE thread_id = $1 AND checkpoint_ns = ''
        ORDER BY commit_seq DESC LIMIT 1`,
      [this.threadId],
    );
    return rows[0]?.checkpoint_id ?? null;
  }
}

export class TestRun {
  readonly runId = randomUUID();
  private attempts = 0;

  constructor(
    readonly thread: TestThread,
    readonly kwargs: RunKwargs,
    readonly baseCheckpointId: string | null,
  ) {}

  /** Input of the next attempt; `killAfterWrites` lets that many transactions through and refuses the others. */
  input(overrides: Partial<AttemptInput> & { killAfterWrites?: number } = {}): AttemptInput {
    const { killAfterWrites = Infinity, ...rest } = overrides;
    const { thread, runId, kwargs, baseCheckpointId } = this;
    let writes = 0;
    return {
      registry: thread.registry,
      graphId: thread.graphId,
      assistantId: 'assistant',
      runId,
      threadId: thread.threadId,
      attempt: ++this.attempts,
      kwargs,
      metadata: {},
      baseCheckpointId,
      pool: thread.pool,
      fence: async () => {
        if (++writes > killAfterWrites) throw new LongrunError('RUN_FENCED', 'taken away');
      },
      signal: new AbortController().signal,
      ...rest,
    };
  }

  /** Executes one attempt to its end. */
  async attempt(overrides: Partial<AttemptInput> = {}): Promise<AttemptResult> {
    return drain(executeAttempt(this.input(overrides)));
  }

  /**
   * Executes an attempt that dies after `writes` transactions: later ones change nothing.
   *
   * @returns false when the attempt came to its end before
   */
  async killedAfter(writes: number): Promise<boolean> {
    try {
      await drain(executeAttempt(this.input({ killAfterWrites: writes })));
      return false;
    } catch (error) {
      if (error instanceof LongrunError && error.code === 'RUN_FENCED') return true;
      throw error;
    }
  }
}

/** Reads an attempt to its end. */
export async function drain(attempt: AsyncGenerator<RunEvent, AttemptOutcome>): Promise<AttemptResult> {
  const events: RunEvent[] = [];
  for (;;) {
    const next = await attempt.next();
    if (next.done) {
      const data = (event: string): unknown[] =>
        events.filter((item) => item.event === event).map((item) => JSON.parse(item.data) as unknown);
      return { events, data, outcome: next.value };
    }
    events.push(next.value);
  }
}
