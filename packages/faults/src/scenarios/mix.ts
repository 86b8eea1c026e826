/**
 * Everything at once: random faults, one every 1-3 s, under a steady load; then peace, and the final account.
 */
import { Redis } from 'ioredis';
import { signalProcessTree, waitUntil } from '@longrun/testing';
import { judge, untilAllEnded, type WatchedRun } from '../harness/collect-history.js';
import { onStack, type Setting } from '../harness/on-stack.js';
import { checkLeftovers, countConnections } from '../harness/leftovers.js';
import { pause, type Outcome, type Scenario } from '../scenario.js';

const FREEZE_MS = 12_000;
const SHORT_FREEZE_MS = 3_000;

export const mix: Scenario = {
  name: 'mix',
  fault:
    '2 apis, 3 workers, 2 sweepers; random faults each 1-3 s for 5 min over 1,000 runs (30 s over 80 in the short suite)',
  must: '30 s after the last fault every run has ended and every thread is free; every log is gapless with one end; no job, no Redis key without expiry and no connection is left',
  isShort: true,
  control: { without: 'rescue', expects: /have not ended/ },
  run: onStack({ apis: 2, workers: 3, sweepers: 2, ownPostgres: true }, run),
};

interface Fault {
  readonly name: string;
  /** Begins it; the promise is its end. */
  inflict(setting: Setting): Promise<void>;
}

const FAULTS: readonly Fault[] = [
  { name: 'worker killed', inflict: (setting) => signal(setting, 'workers', 'SIGKILL') },
  { name: 'worker asked to stop', inflict: (setting) => signal(setting, 'workers', 'SIGTERM') },
  { name: 'worker frozen', inflict: (setting) => freeze(setting, 'workers', FREEZE_MS) },
  { name: 'api killed', inflict: (setting) => signal(setting, 'apis', 'SIGKILL') },
  { name: 'api frozen', inflict: (setting) => freeze(setting, 'apis', SHORT_FREEZE_MS) },
  { name: 'sweeper killed', inflict: (setting) => signal(setting, 'sweepers', 'SIGKILL') },
  { name: 'sweeper frozen', inflict: (setting) => freeze(setting, 'sweepers', SHORT_FREEZE_MS) },
  { name: 'Redis flushed', inflict: (setting) => tellRedis(setting, ['FLUSHALL']) },
  {
    name: 'Redis clients killed',
    inflict: (setting) => tellRedis(setting, ['CLIENT', 'KILL', 'TYPE', 'normal']),
  },
  {
    name: 'Redis subscribers killed',
    inflict: (setting) => tellRedis(setting, ['CLIENT', 'KILL', 'TYPE', 'pubsub']),
  },
  { name: 'Redis frozen', inflict: ({ stack }) => freezeTree(stack.stack.readStack().redis?.pid) },
  { name: 'Postgres frozen', inflict: ({ stack }) => freezeTree(stack.stack.readStack().postgres.pid) },
  {
    name: 'Postgres sessions ended',
    inflict: async ({ stack }) => {
      await stack.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
    },
  },
];

async function run(setting: Setting): Promise<Outcome> {
  const { context, stack, client } = setting;
  const { random, size, without } = context;
  const [totalMs, count] = without ? [10_000, 20] : size === 'long' ? [300_000, 1_000] : [30_000, 80];
  const load = startLoad(setting, count, totalMs * 0.9);
  await waitUntil(() => load.runs.length >= 10, { timeoutMs: 30_000, message: 'the load' });
  const connectionsBefore = await countConnections(stack);

  const endAt = performance.now() + totalMs;
  const underWay: Promise<void>[] = [];
  const inflicted = new Map<string, number>();
  while (performance.now() < endAt) {
    const fault = without ? FAULTS[0] : random.pick(FAULTS);
    if (!fault) break;
    inflicted.set(fault.name, (inflicted.get(fault.name) ?? 0) + 1);
    underWay.push(
      fault.inflict(setting).catch((error: unknown) => context.note(`${fault.name}: ${String(error)}`)),
    );
    await pause(random.between(1_000, 3_000));
  }
  await Promise.all(underWay);
  const problems = await load.done;
  context.note(
    `${String(underWay.length)} faults: ${[...inflicted].map(([name, times]) => `${name} ${String(times)}`).join(', ')}`,
  );

  const ids = load.runs.map(({ runId }) => runId);
  const peaceAt = performance.now();
  problems.push(...(await untilAllEnded(stack, ids, 30_000)));
  const settledMs = Math.round(performance.now() - peaceAt);
  if (without) return { problems, figures: {} };
  problems.push(...(await judge(stack, load.runs, 30_000)));
  problems.push(...(await checkLeftovers(stack, connectionsBefore)));
  const late = load.runs.filter((_run, index) => index % 10 === 0);
  problems.push(
    ...(await judge(
      stack,
      late.map((run) => ({ ...run, readings: [{ from: 0, reading: client.follow(run) }] })),
    )),
  );
  return {
    problems,
    figures: {
      runs: ids.length,
      faults: underWay.length,
      'last fault → all ended ms': settledMs,
      'refused and repeated': load.refusals(),
    },
  };
}

/** Runs spread over a time, a fifth of them read live; some share a thread. */
function startLoad({ client, context }: Setting, count: number, overMs: number) {
  const runs: WatchedRun[] = [];
  let refused = 0;
  const problems: string[] = [];
  const one = async (index: number): Promise<void> => {
    // Waiting for the one before would make the load stop with every fault.
    const run = await client.create(
      {
        assistant_id: 'steps',
        input: { steps: 4, ms: 150, events: 2 },
        stream_mode: ['custom', 'values'],
        multitask_strategy: 'enqueue',
      },
      index % 7 === 0 && runs[0] ? { threadId: runs[0].threadId, withinMs: 120_000 } : { withinMs: 120_000 },
    );
    refused += run.refusals.length;
    runs.push({ ...run, readings: index % 5 === 0 ? [{ from: 0, reading: client.follow(run) }] : [] });
  };
  const done = (async () => {
    const pending: Promise<void>[] = [];
    for (let index = 0; index < count; index += 1) {
      pending.push(one(index).catch((error: unknown) => void problems.push(String(error))));
      await pause(overMs / count);
    }
    await Promise.all(pending);
    context.note(`${String(runs.length)} runs were accepted`);
    return problems;
  })();
  return { runs, done, refusals: () => refused };
}

type Kind = 'apis' | 'workers' | 'sweepers';

async function signal({ stack, context }: Setting, kind: Kind, name: NodeJS.Signals): Promise<void> {
  stack.stack.kill(context.random.pick<{ pid: number }>(stack.stack.readStack()[kind]).pid, name);
}

async function freeze({ stack, context }: Setting, kind: Kind, ms: number): Promise<void> {
  const { pid } = context.random.pick<{ pid: number }>(stack.stack.readStack()[kind]);
  stack.stack.kill(pid, 'SIGSTOP');
  await pause(ms);
  stack.stack.kill(pid, 'SIGCONT');
}

async function freezeTree(pid: number | null | undefined): Promise<void> {
  if (typeof pid !== 'number') return;
  signalProcessTree(pid, 'SIGSTOP');
  await pause(SHORT_FREEZE_MS);
  signalProcessTree(pid, 'SIGCONT');
}

async function tellRedis({ stack }: Setting, [name = '', ...args]: string[]): Promise<void> {
  const redis = new Redis(stack.stack.info.redis?.url ?? '', {
    retryStrategy: () => null,
    commandTimeout: 5_000,
  });
  redis.on('error', () => undefined);
  // Its own connection may be among those that are closed.
  await redis.call(name, ...args).catch(() => undefined);
  redis.disconnect();
}
