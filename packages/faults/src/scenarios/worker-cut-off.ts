/**
 * One worker cannot reach Postgres, the others can.
 */
import { startTcpProxy, waitUntil, type TcpProxy } from '@longrun/testing';
import { checkRows, judge, startDelays, untilAllEnded } from '../harness/collect-history.js';
import { cloneWorker, type ClonedWorker } from '../harness/clone-worker.js';
import { onStack, type Setting } from '../harness/on-stack.js';
import { startSteadyLoad } from '../harness/steady-load.js';
import { percentile, type Outcome, type Scenario } from '../scenario.js';

export const workerCutOff: Scenario = {
  name: 'worker-cut-off',
  fault: 'one worker cut off from Postgres for 30 s (15 s in the short suite), the others not',
  must: 'its runs are rescued, it starts no further step, its late writes are refused; new runs start elsewhere (p99 ≤ 5 s)',
  isShort: false,
  control: { without: 'fence', expects: /zombie write|duplicate/ },
  run: onStack({ workers: 1 }, async (setting) => {
    const { stack } = setting;
    const proxy = await startTcpProxy({ port: Number(new URL(stack.stack.info.postgres.url).port) });
    const [worker] = stack.stack.readStack().workers;
    const url = proxy.urlFor(stack.stack.info.postgres.url);
    const cut = await cloneWorker(worker?.pid ?? 0, { DATABASE_URL: url, DATABASE_DIRECT_URL: url });
    try {
      return await run(setting, proxy, cut);
    } finally {
      await cut.stop();
      await proxy.close();
    }
  }),
};

async function run(
  { context, stack, client }: Setting,
  proxy: TcpProxy,
  cut: ClonedWorker,
): Promise<Outcome> {
  const cutMs = context.size === 'long' ? 30_000 : 15_000;
  const steps = Math.ceil((cutMs + 5_000) / 200);
  const runs = [];
  for (let index = 0; index < 6; index += 1) {
    const run = await client.create({
      assistant_id: 'steps',
      input: { steps, ms: 200, events: 2 },
      stream_mode: ['custom', 'values'],
    });
    runs.push({ ...run, readings: [{ from: 0, reading: client.follow(run) }] });
  }
  const ids = runs.map(({ runId }) => runId);
  const owned = await waitUntil(async () => {
    const owners = await Promise.all(ids.map((id) => stack.ownerOf(id)));
    if (!owners.every((pid) => pid !== undefined)) return undefined;
    const own = ids.filter((_id, index) => owners[index] === cut.pid);
    return own.length > 0 && own;
  });
  proxy.setBlackhole(true);
  const load = startSteadyLoad(client, { assistant_id: 'steps', input: { steps: 1, ms: 10 } }, 500);
  await new Promise((resolve) => setTimeout(resolve, cutMs));
  proxy.setBlackhole(false);
  proxy.resetAll();
  const problems = await load.stop();
  const newIds = load.runs.map(({ runId }) => runId);
  problems.push(...(await untilAllEnded(stack, [...ids, ...newIds], 60_000)));
  problems.push(...(await judge(stack, [...runs, ...load.runs])));
  problems.push(...(await checkRows(stack, [...ids, ...newIds], { status: 'success', crashes: 0 })));
  problems.push(...(await checkRows(stack, owned, { attempt: 2 })));
  const waits = await startDelays(stack, newIds);
  const p99 = percentile(waits, 0.99);
  if (p99 > 5_000) problems.push(`new runs started after ${String(p99)} ms (p99)`);
  return {
    problems,
    figures: {
      'cut off ms': cutMs,
      'runs it had': owned.length,
      'new runs': newIds.length,
      'created → claimed p50 ms': percentile(waits, 0.5),
      'p99 ms': p99,
    },
  };
}
