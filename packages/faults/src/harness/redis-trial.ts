/**
 * What all scenarios of Redis have in common: runs under way and new ones while Redis suffers, readers of all kinds, and the same
 * promises. A scenario says which Redis it is and what happens to it.
 */
import { checkRows, judge, untilAllEnded, type WatchedRun } from './collect-history.js';
import { FaultStack, type FaultStackOptions } from './fault-stack.js';
import type { Setting } from './on-stack.js';
import { checkPromises } from './redis-promises.js';
import { watchReturn, type RedisUnderFault } from './redis-return.js';
import { RunClient, type AcceptedRun } from './run-client.js';
import { startSteadyLoad } from './steady-load.js';
import type { Outcome, ScenarioContext } from '../scenario.js';

/** What all of them must keep. */
export const REDIS_PROMISES =
  'submits 2xx; running runs go on; every stream complete (connected, reconnecting, late); new runs start with p99 ≤ 2 s; fast path ≤ 3 s after the return; nothing runs twice';

const STEP_MS = 250;
const SUBMIT_EVERY_MS = 100;
const SHORT_RUN = {
  assistant_id: 'steps',
  input: { steps: 2, ms: 20, events: 2 },
  stream_mode: ['custom'],
};
/** For what is left when Redis has returned. */
const END_WITHIN_MS = 60_000;

export interface RedisTrial<R extends RedisUnderFault> {
  /** Starts the servers. */
  start(): Promise<R>;
  /** About how long {@link strike} takes, milliseconds: runs that began before it are still under way after it. */
  strikeMs(context: ScenarioContext): number;
  /** Does the harm; resolves at the moment at which Redis serves again. */
  strike(redis: R, setting: Setting): Promise<void>;
  /** Runs that are there before, besides those that are measured. */
  before?(redis: R, setting: Setting): Promise<readonly AcceptedRun[]>;
  /** Waits for what still comes of the fault when all runs have ended. @returns problems */
  aftermath?(redis: R, setting: Setting): Promise<readonly string[]>;
  options?: FaultStackOptions;
}

/** A scenario's `run`. */
export function onRedis<R extends RedisUnderFault>(
  trial: RedisTrial<R>,
): (context: ScenarioContext) => Promise<Outcome> {
  return async (context) => {
    const redis = await trial.start();
    try {
      const stack = await FaultStack.start(context, { redisUrl: redis.url, ...trial.options });
      try {
        return await run(trial, redis, { context, stack, client: new RunClient(stack.apiUrls) });
      } finally {
        await stack.stop();
      }
    } finally {
      await redis.stop();
    }
  };
}

async function run<R extends RedisUnderFault>(
  trial: RedisTrial<R>,
  redis: R,
  setting: Setting,
): Promise<Outcome> {
  const { context, stack, client } = setting;
  const running = await startRuns(setting, Math.ceil((trial.strikeMs(context) + 4_000) / STEP_MS));
  const others = (await trial.before?.(redis, setting)) ?? [];
  const load = startSteadyLoad(client, SHORT_RUN, SUBMIT_EVERY_MS);
  const harm = async () => {
    const returned = await watchReturn(stack, redis);
    const before = load.runs.length;
    await trial.strike(redis, setting);
    const meanwhile = load.runs.slice(before);
    return { meanwhile, back: await returned.measure() };
  };
  const { meanwhile, back } = await harm().finally(() => load.stop());
  const problems = await load.stop();
  problems.push(...refused(load.runs));

  const ids = [...running, ...load.runs, ...others].map(({ runId }) => runId);
  const stuck = await untilAllEnded(stack, ids, context.without ? 15_000 : END_WITHIN_MS);
  if (stuck.length > 0) return { problems: [...problems, ...back.problems, ...stuck], figures: back.figures };
  problems.push(...((await trial.aftermath?.(redis, setting)) ?? []));
  const late = [...running, ...load.runs.slice(-5)].map((run) => ({
    ...run,
    readings: [{ from: 0, reading: client.follow(run) }],
  }));
  const unread = others.map((run) => ({ ...run, readings: [] }));
  problems.push(...(await judge(stack, [...running, ...load.runs, ...unread, ...late])));
  problems.push(...(await checkRows(stack, ids, { status: 'success', attempt: 1, crashes: 0 })));
  const promises = await checkPromises(stack, ids, meanwhile);
  return {
    problems: [...problems, ...promises.problems, ...back.problems],
    figures: { runs: ids.length, ...promises.figures, ...back.figures },
  };
}

/** Runs that outlast the fault, each with one reader from the start, one whose connection is cut again and again, and one that comes later. */
async function startRuns({ client, context }: Setting, steps: number): Promise<WatchedRun[]> {
  const runs: WatchedRun[] = [];
  for (let index = 0; index < 4; index += 1) {
    const run = await client.create({
      assistant_id: 'steps',
      input: { steps, ms: STEP_MS, events: 3 },
      stream_mode: ['custom', 'values'],
    });
    const from = context.random.between(2, 6);
    runs.push({
      ...run,
      readings: [
        { from: 0, reading: client.follow(run) },
        { from: 0, reading: client.follow(run, undefined, 0, context.random.between(7, 20)) },
        { from, reading: client.follow(run, undefined, from) },
      ],
    });
  }
  return runs;
}

function refused(runs: readonly AcceptedRun[]): string[] {
  return runs.flatMap(({ runId, refusals }) =>
    refusals.map(({ status }) => `run ${runId}: a submit was answered ${String(status)}`),
  );
}
