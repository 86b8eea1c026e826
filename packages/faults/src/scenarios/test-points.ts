/**
 * Every named moment of the product, with a process killed, frozen for longer than its lease, or failing there: a generated suite.
 */
import { TEST_POINTS, type TestPoint } from '@longrun/contracts';
import { waitUntil } from '@longrun/testing';
import { checkRows, judge, startDelays, untilAllEnded, type WatchedRun } from '../harness/collect-history.js';
import { FaultStack } from '../harness/fault-stack.js';
import { RunClient } from '../harness/run-client.js';
import type { SeededRandom } from '@longrun/testing';
import type { Outcome, Scenario, ScenarioContext } from '../scenario.js';
import { ArmedPoints, POINT_ACTIONS, type PointAction } from '../test-build/test-points.js';

type Case = readonly [point: TestPoint, action: PointAction];

/** From the commit to the claim of a run that nobody enqueued. */
const STARTS_WITHIN_MS = 3_000;
/** Cases of the short suite; the seed says which. */
const SHORT_CASES = 4;

export const testPoints: Scenario = {
  name: 'test-points',
  fault: `each of ${String(Object.keys(TEST_POINTS).length)} named moments (before and after commits) × kill -9, frozen for 12 s, an unexpected error`,
  must: 'every run that was answered 2xx ends, with one whole log; nothing runs twice at a time',
  isShort: true,
  control: { without: 'reconcile', expects: /have not ended/ },
  run,
};

async function run(context: ScenarioContext): Promise<Outcome> {
  const points = new ArmedPoints();
  const stack = await FaultStack.start(context, {
    armedFolder: points.folder,
    env: { DRAIN_GRACE_MS: '1500' },
  });
  const problems: string[] = [];
  const cases = casesOf(context);
  try {
    for (const one of cases) {
      const found = await tryCase(context, stack, points, one);
      context.note(`${one.join(' ')}: ${found.length === 0 ? 'held' : found.join('; ')}`);
      problems.push(...found.map((problem) => `${one.join(' ')}: ${problem}`));
    }
  } finally {
    await stack.stop();
    points.remove();
  }
  return { problems, figures: { cases: cases.length } };
}

function casesOf({ random, size, without }: ScenarioContext): Case[] {
  if (without) return [['create:after-commit', 'kill']];
  const points = Object.keys(TEST_POINTS) as TestPoint[];
  const all = points.flatMap((point) => POINT_ACTIONS.map((action): Case => [point, action]));
  return size === 'long' ? all : pickSome(random, all, SHORT_CASES);
}

function pickSome<T>(random: SeededRandom, items: readonly T[], count: number): T[] {
  const left = [...items];
  return Array.from({ length: count }, () => left.splice(random.between(0, left.length - 1), 1)).flat();
}

async function tryCase(
  context: ScenarioContext,
  stack: FaultStack,
  points: ArmedPoints,
  [point, action]: Case,
): Promise<string[]> {
  const client = new RunClient(stack.apiUrls);
  await untilAllAreThere(stack);
  const isLate = /^(release|rescue|cancel)/.test(point);
  if (!isLate) points.arm(point, action);
  const runs: WatchedRun[] = [];
  for (let index = 0; index < 3; index += 1) {
    const run = await client.create({
      assistant_id: 'steps',
      input: { steps: isLate ? 30 : 5, ms: isLate ? 200 : 100, events: 2 },
      stream_mode: ['custom', 'values'],
      // One that nobody enqueues but reconcile.
      ...(index === 2 ? { after_seconds: 1 } : {}),
    });
    runs.push({ ...run, readings: [{ from: 0, reading: client.follow(run) }] });
  }
  if (isLate) await comeBy(stack, client, points, [point, action], runs);
  const problems: string[] = [];
  await waitUntil(() => !points.isArmed(point, action), { timeoutMs: 15_000 }).catch(() => {
    problems.push('no process came by');
    points.disarm(point, action);
  });
  const ids = runs.map(({ runId }) => runId);
  problems.push(...(await untilAllEnded(stack, ids, context.without ? 15_000 : 60_000)));
  if (problems.length > 0) return problems;
  problems.push(...(await judge(stack, runs)));
  problems.push(...(await checkStarts(stack, [point, action], ids.slice(0, 2))));
  if (action !== 'throw' && !point.startsWith('cancel')) {
    problems.push(...(await checkRows(stack, ids, { status: 'success' })));
  }
  return problems;
}

/** A run whose enqueueing was lost with its api starts by itself, soon. */
async function checkStarts(
  stack: FaultStack,
  [point, action]: Case,
  ids: readonly string[],
): Promise<string[]> {
  const isLost = (point === 'create:after-commit' || point === 'enqueue:after-add') && action === 'kill';
  if (!isLost) return [];
  const slowest = Math.max(...(await startDelays(stack, ids)));
  return slowest > STARTS_WITHIN_MS ? [`a run started after ${String(slowest)} ms`] : [];
}

/** Makes a process come to a moment that is not on every run's way. */
async function comeBy(
  stack: FaultStack,
  client: RunClient,
  points: ArmedPoints,
  [point, action]: Case,
  runs: readonly WatchedRun[],
): Promise<void> {
  const [first] = runs;
  if (!first) return;
  await waitUntil(() => (first.readings[0]?.reading.records.length ?? 0) > 3, { timeoutMs: 20_000 });
  points.arm(point, action);
  if (point.startsWith('cancel')) {
    await client.post(`/threads/${first.threadId}/runs/${first.runId}/cancel`, {});
    return;
  }
  const pid = await waitUntil(() => stack.ownerOf(first.runId));
  stack.stack.kill(pid, point.startsWith('release') ? 'SIGTERM' : 'SIGKILL');
}

/** What the case before has killed is back: its absence is not the fault of this one. */
async function untilAllAreThere(stack: FaultStack): Promise<void> {
  await waitUntil(
    async () => {
      const [row] = await stack.query<{ workers: number }>(
        "SELECT count(*)::int AS workers FROM worker WHERE state = 'active' AND heartbeat_at > now() - interval '2 seconds'",
      );
      const answers = await Promise.all(
        stack.apiUrls.map((url) =>
          fetch(`${url}/ok`).then(
            (response) => response.ok,
            () => false,
          ),
        ),
      );
      return (row?.workers ?? 0) >= 2 && answers.every(Boolean);
    },
    { timeoutMs: 60_000, intervalMs: 200, message: 'all processes to be there again' },
  );
}
