/**
 * Cancels at every point of a run's life, also with the owner dead, also with Redis frozen.
 */
import { waitUntil } from '@longrun/testing';
import { historyOf, judge, runRows, untilAllEnded, type WatchedRun } from '../harness/collect-history.js';
import { onStack, type Setting } from '../harness/on-stack.js';
import type { Outcome, Scenario } from '../scenario.js';
import { percentile } from '../scenario.js';

const BATCH = 5;
/** A run of the scenario takes about this long. */
const RUN_MS = 1_200;

type Circumstance = 'nothing else' | 'owner dead' | 'Redis frozen';

export const cancelEverywhere: Scenario = {
  name: 'cancel-everywhere',
  fault:
    'cancel at seeded points of a run’s life, 200 times (30 in the short suite), also with the owner dead, also with Redis frozen',
  must: 'interrupted, thread free; cancel to end p99 ≤ 1.5 s; answered truthfully',
  isShort: true,
  control: { without: 'cancel by the api', expects: /cancel to end|not answered/ },
  run: onStack({ workers: 3 }, run),
};

async function run(setting: Setting): Promise<Outcome> {
  const { context, stack } = setting;
  const { size, without } = context;
  const batches = without ? 1 : (size === 'long' ? 200 : 30) / BATCH;
  const runs: WatchedRun[] = [];
  const tookMs: number[] = [];
  const problems: string[] = [];
  for (let batch = 0; batch < batches; batch += 1) {
    const circumstance = without ? 'owner dead' : circumstanceOf(batch);
    const cancelled = await cancelBatch(setting, circumstance);
    runs.push(...cancelled.runs);
    tookMs.push(...cancelled.tookMs);
    problems.push(...cancelled.problems.map((problem) => `with ${circumstance}: ${problem}`));
  }
  const ids = runs.map(({ runId }) => runId);
  problems.push(...(await untilAllEnded(stack, ids, 30_000)));
  problems.push(...(await judge(stack, runs)));
  problems.push(...(await checkTruth(stack, ids)));
  const endedMs = await markToEnd(stack, ids);
  const [p50, p99] = [percentile(endedMs, 0.5), percentile(endedMs, 0.99)];
  if (p99 > 1_500) problems.push(`cancel to end: p99 ${String(p99)} ms is above 1,500`);
  return {
    problems,
    figures: {
      cancels: tookMs.length,
      'mark → end p50 ms': p50,
      'p99 ms': p99,
      'wait=true answered after p50 ms': percentile(tookMs, 0.5),
      'at most ms': percentile(tookMs, 1),
    },
  };
}

/** Most cancels happen when nothing else goes on. */
function circumstanceOf(batch: number): Circumstance {
  return batch % 5 === 3 ? 'owner dead' : batch % 5 === 4 ? 'Redis frozen' : 'nothing else';
}

async function cancelBatch({ context, stack, client }: Setting, circumstance: Circumstance) {
  const runs = await Promise.all(
    Array.from({ length: BATCH }, () =>
      client.create({
        assistant_id: 'steps',
        input: { steps: 6, ms: RUN_MS / 6 },
        stream_mode: ['custom', 'values'],
      }),
    ),
  );
  const watched = runs.map((one) => ({ ...one, readings: [{ from: 0, reading: client.follow(one) }] }));
  const delays = runs.map(() => context.random.between(0, RUN_MS));
  const redis = stack.stack.readStack().redis?.pid ?? 0;
  if (circumstance === 'owner dead')
    await killOwners(
      stack,
      runs.map(({ runId }) => runId),
    );
  if (circumstance === 'Redis frozen') stack.stack.kill(redis, 'SIGSTOP');
  const tookMs: number[] = [];
  const problems: string[] = [];
  await Promise.all(
    runs.map(async ({ threadId, runId }, index) => {
      if (circumstance !== 'owner dead') await new Promise((resolve) => setTimeout(resolve, delays[index]));
      const answer = await client.post(`/threads/${threadId}/runs/${runId}/cancel?wait=true`, {});
      // The run may have ended before.
      if (answer.status === 409 || answer.status === 404) return;
      if (answer.status < 200 || answer.status >= 300) {
        problems.push(
          `a cancel was not answered but with ${String(answer.status)} after ${String(answer.ms)} ms`,
        );
      } else tookMs.push(answer.ms);
    }),
  );
  if (circumstance === 'Redis frozen') stack.stack.kill(redis, 'SIGCONT');
  return { runs: watched, tookMs, problems };
}

async function killOwners(stack: Setting['stack'], runIds: readonly string[]): Promise<void> {
  const pids = await waitUntil(
    async () => {
      const owners = await Promise.all(runIds.map((id) => stack.ownerOf(id)));
      return owners.every((pid) => pid !== undefined) && owners;
    },
    { message: 'all runs to be executed' },
  );
  for (const pid of new Set(pids)) if (pid !== undefined) stack.stack.kill(pid);
}

/** From the durable mark of a running run to its end, by Postgres's clock, ms. */
async function markToEnd(stack: Setting['stack'], ids: readonly string[]): Promise<number[]> {
  const history = await historyOf(stack, ids);
  return history.flatMap(({ what, at, run_id }) => {
    const end = history.find((entry) => entry.run_id === run_id && entry.what === 'finish');
    return what === 'cancel' && end ? [end.at.getTime() - at.getTime()] : [];
  });
}

/** A run with a mark has ended as cancelled; one that succeeded was never marked. */
async function checkTruth(stack: Setting['stack'], ids: readonly string[]): Promise<string[]> {
  const marked = new Set(
    (await historyOf(stack, ids)).filter(({ what }) => what === 'cancel').map(({ run_id }) => run_id),
  );
  return (await runRows(stack, ids)).flatMap(({ run_id, status }) => {
    if (status === 'interrupted' || (status === 'success' && !marked.has(run_id))) return [];
    return [`run ${run_id} was ${marked.has(run_id) ? 'cancelled' : 'not cancelled'} and ended as ${status}`];
  });
}
