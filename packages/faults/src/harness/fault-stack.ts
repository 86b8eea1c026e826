/**
 * The real system for a scenario: `longrun start` with the graphs of this package, and what faults need to know of it.
 */
import { fileURLToPath } from 'node:url';
import { startTestStack, type TestStack, type TestStackOptions } from '@longrun/test-stack';
import pg from 'pg';
import type { ScenarioContext } from '../scenario.js';
import { testBuildEnvironment } from '../test-build/environment.js';

const GRAPHS_CONFIG = fileURLToPath(new URL('../../graphs/langgraph.json', import.meta.url));

export interface FaultStackOptions extends Partial<TestStackOptions> {
  /** Folder in which moments are armed. */
  armedFolder?: string;
  /** Load the test build although nothing is removed or armed. */
  testBuild?: boolean;
}

export class FaultStack {
  readonly stack: TestStack;
  readonly pool: pg.Pool;

  private constructor(stack: TestStack) {
    this.stack = stack;
    this.pool = new pg.Pool({
      connectionString: stack.info.postgres.url,
      max: 4,
      application_name: 'faults',
    });
    // A scenario may restart Postgres; the next query tells.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Two apis, two workers, one sweeper, with the product's default settings, unless said otherwise. */
  static async start(context: ScenarioContext, options: FaultStackOptions = {}): Promise<FaultStack> {
    const { armedFolder, testBuild, env, ...rest } = options;
    const stack = await startTestStack({
      configPath: GRAPHS_CONFIG,
      apis: 2,
      workers: 2,
      sweepers: 1,
      ...rest,
      env: { ...testBuildEnvironment({ without: context.without, armedFolder }, testBuild), ...env },
    });
    return new FaultStack(stack);
  }

  /** Ports of apis do not change when they are started again. */
  get apiUrls(): readonly string[] {
    return this.stack.info.apis.map((api) => api.url);
  }

  /** One query, tried again while Postgres is away. */
  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    for (let tries = 0; ; tries += 1) {
      try {
        return (await this.pool.query<Row>(text, values)).rows;
      } catch (error) {
        // What the statement itself is to blame for does not pass.
        const { code = '' } = error as { code?: string };
        if (tries >= 100 || /^(42|22|23)/.test(code)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  /** Process id of the worker that executes a run, if one does. */
  async ownerOf(runId: string): Promise<number | undefined> {
    const [row] = await this.query<{ pid: number }>(
      "SELECT pid FROM run JOIN worker USING (worker_id) WHERE run_id = $1 AND status = 'running'",
      [runId],
    );
    return row?.pid;
  }

  async stop(): Promise<void> {
    await this.pool.end();
    await this.stack.stop();
  }
}
