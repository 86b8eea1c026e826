/**
 * kill -9 of the worker of a run, again and again at seeded moments.
 */
import { waitUntil } from '@longrun/testing';
import { checkRows, judge, untilAllEnded, type WatchedRun } from '../harness/collect-history.js';
import type { FaultStack } from '../harness/fault-stack.js';
import { onStack, type Setting } from '../harness/on-stack.js';
import type { RunClient } from '../harness/run-client.js';
import { percentile, type Outcome, type Scenario } from '../scenario.js';

const STEPS = 8;
const STEP_MS = 300;

export const workerKilled: Scenario = {
  name: 'worker-killed',
  fault: 'kill -9 of the worker of a run, at seeded moments (30 times; 4 in the short suite)',
  must: 'no event lost, doubled or out of order for connected, reconnecting and late readers; success; kill to first event of the next attempt p50 ≤ 2.5 s, p99 ≤ 5 s',
  isShort: true,
  control: { without: 'rescue', expects: /have not ended/ },
  run: onStack({ workers: 3 }, run),
};

async function run({ context, stack, client }: Setting): Promise<Outcome> {
  const { random, size, note, without } = context;
  const kills = without ? 1 : size === 'long' ? 30 : 4;
  const runs: WatchedRun[] = [];
  const gaps: number[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const accepted = await client.create({
      assistant_id: 'steps',
      input: { steps: STEPS, ms: STEP_MS, events: 3 },
      stream_mode: ['values', 'custom'],
    });
    const { reading, gapMs } = await killOnce(stack, client, accepted, random.between(0, STEPS * STEP_MS));
    const from = random.between(1, 5);
    runs.push({
      ...accepted,
      readings: [
        { from: 0, reading },
        { from, reading: client.follow(accepted, undefined, from) },
      ],
    });
    if (gapMs !== undefined) gaps.push(gapMs);
    note(
      `kill ${String(kill + 1)}: ${gapMs === undefined ? 'no next attempt' : `${String(Math.round(gapMs))} ms`}`,
    );
  }
  const ids = runs.map(({ runId }) => runId);
  const stuck = await untilAllEnded(stack, ids, without ? 10_000 : 60_000);
  if (stuck.length > 0) return { problems: stuck, figures: {} };
  const late = runs.map((run) => ({ ...run, readings: [{ from: 0, reading: client.follow(run) }] }));
  const problems = [...(await judge(stack, runs)), ...(await judge(stack, late))];
  problems.push(...(await checkRows(stack, ids, { status: 'success' })));
  const [p50, p99] = [percentile(gaps, 0.5), percentile(gaps, 0.99)];
  if (p50 > 2_500) problems.push(`kill to first event: p50 ${String(p50)} ms is above 2,500`);
  if (p99 > 5_000) problems.push(`kill to first event: p99 ${String(p99)} ms is above 5,000`);
  return {
    problems,
    figures: { kills, rescued: gaps.length, 'kill → first event p50 ms': p50, 'p99 ms': p99 },
  };
}

/** Kills the worker of a run some time after its first event; undefined when the run was faster. */
async function killOnce(
  stack: FaultStack,
  client: RunClient,
  run: { runId: string; threadId: string },
  afterMs: number,
): Promise<{ reading: ReturnType<RunClient['follow']>; gapMs: number | undefined }> {
  let killedAt: number | undefined;
  let firstAfter: number | undefined;
  const reading = client.follow(run, ({ event, atMs }) => {
    if (event === 'metadata' && killedAt !== undefined && atMs > killedAt) firstAfter ??= atMs;
  });
  await waitUntil(() => reading.records.length > 0, { timeoutMs: 20_000, message: 'the first event' });
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  const pid = await stack.ownerOf(run.runId);
  if (pid !== undefined) {
    killedAt = performance.now();
    stack.stack.kill(pid);
    await waitUntil(() => firstAfter !== undefined, { timeoutMs: 12_000, message: 'the next attempt' }).catch(
      () => undefined,
    );
  }
  const gapMs = killedAt !== undefined && firstAfter !== undefined ? firstAfter - killedAt : undefined;
  return { reading, gapMs };
}
