/**
 * Longrun as in production: `longrun start` with an embedded Postgres, durable as by default, and a real Redis.
 */
import { startTestStack, type TestStack, type TestStackOptions } from '@longrun/test-stack';
import { stoppedAtExit } from '../harness/cleanups.js';
import type { ServerProcess } from '../harness/process-usage.js';
import { GRAPHS_CONFIG, type Contender } from './contender.js';

/** What a benchmark says about its stack. */
export interface LongrunOptions extends Pick<TestStackOptions, 'env' | 'databaseUrl'> {
  /** Default: longrun. */
  readonly name?: string;
  /** Default 2. */
  readonly workers?: number;
  /** Process of the server behind `databaseUrl`. */
  readonly postgresPid?: number;
}

export interface Longrun extends Contender {
  readonly stack: TestStack;
}

/** Starts one api, two workers unless said otherwise, and one sweeper, with default settings. */
export async function startLongrun(options: LongrunOptions = {}): Promise<Longrun> {
  const { name = 'longrun', workers = 2, postgresPid, ...rest } = options;
  const stack = await startTestStack({
    configPath: GRAPHS_CONFIG,
    apis: 1,
    workers,
    sweepers: 1,
    ownPostgres: true,
    ...rest,
  });
  return {
    name,
    kind: 'longrun',
    url: stack.url,
    redisUrl: stack.info.redis?.url,
    stack,
    processes: () => processesOf(stack, postgresPid),
    stop: stoppedAtExit(() => stack.stop()),
  };
}

function processesOf(stack: TestStack, givenPostgresPid: number | undefined): ServerProcess[] {
  const { apis, workers, sweepers, redis, postgres } = stack.readStack();
  const of = (name: string, pids: readonly (number | null | undefined)[]): ServerProcess[] =>
    pids.flatMap((pid) => (pid === null || pid === undefined ? [] : [{ name, pid }]));
  const pidsOf = (apps: readonly { pid: number }[]): number[] => apps.map(({ pid }) => pid);
  return [
    ...of('api', pidsOf(apis)),
    ...of('worker', pidsOf(workers)),
    ...of('sweeper', pidsOf(sweepers)),
    ...of('postgres', [postgres.pid ?? givenPostgresPid]),
    ...of('redis', [redis?.pid]),
  ];
}
