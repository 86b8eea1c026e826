/**
 * SIGTERM to a worker under load: short runs end within the grace period, long ones are given back and go on elsewhere.
 */
import { waitUntil } from '@longrun/testing';
import { checkRows, historyOf, judge, untilAllEnded, type WatchedRun } from '../harness/collect-history.js';
import { onStack, type Setting } from '../harness/on-stack.js';
import { percentile, type Outcome, type Scenario } from '../scenario.js';

const GRACE_MS = 2_000;

export const workerAskedToStop: Scenario = {
  name: 'worker-asked-to-stop',
  fault: 'SIGTERM to a worker under load',
  must: 'runs finish within the grace period, or are released and taken over in < 1 s; nothing charged, none failed',
  isShort: false,
  control: { without: 'release', expects: /crashes is 1|taken over/ },
  run: onStack({ workers: 2, env: { DRAIN_GRACE_MS: String(GRACE_MS) } }, run),
};

async function run({ context, stack, client }: Setting): Promise<Outcome> {
  const count = context.size === 'long' ? 40 : 12;
  const runs: WatchedRun[] = [];
  for (let index = 0; index < count; index += 1) {
    // Half of them end within the grace period.
    const input = index % 2 === 0 ? { steps: 3, ms: 100 } : { steps: 20, ms: 300 };
    const run = await client.create({ assistant_id: 'steps', input, stream_mode: ['custom'] });
    runs.push({ ...run, readings: [{ from: 0, reading: client.follow(run) }] });
  }
  const ids = runs.map(({ runId }) => runId);
  const stopped = await waitUntil(async () => {
    const pids = await Promise.all(ids.map((id) => stack.ownerOf(id)));
    return pids.find((pid) => pid !== undefined);
  });
  stack.stack.kill(stopped, 'SIGTERM');
  const problems = await untilAllEnded(stack, ids, 60_000);
  problems.push(...(await judge(stack, runs)));
  problems.push(...(await checkRows(stack, ids, { status: 'success', crashes: 0 })));

  const history = await historyOf(stack, ids);
  const takenOver = history.flatMap(({ what, at }, index) => {
    const next = history[index + 1];
    return what === 'release' && next?.what === 'claim' ? [next.at.getTime() - at.getTime()] : [];
  });
  const slowest = percentile(takenOver, 1);
  if (takenOver.length === 0) problems.push('no run was released and taken over');
  if (slowest >= 1_000) problems.push(`a released run was taken over after ${String(slowest)} ms`);
  return {
    problems,
    figures: {
      runs: count,
      released: takenOver.length,
      'release → claim p50 ms': percentile(takenOver, 0.5),
      'max ms': slowest,
    },
  };
}
