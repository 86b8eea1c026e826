/**
 * The clocks of workers and sweepers are wrong by an hour, in both directions.
 */
import { waitUntil } from '@longrun/testing';
import { checkRows, judge, runRows, untilAllEnded } from '../harness/collect-history.js';
import { onStack, type Setting } from '../harness/on-stack.js';
import { CLOCKS } from '../test-build/environment.js';
import type { Outcome, Scenario } from '../scenario.js';

const HOUR_MS = 3_600_000;

export const clocksOff: Scenario = {
  name: 'clocks-off',
  fault: 'the clock of the workers is an hour ahead, that of the sweeper an hour behind',
  must: 'nothing changes: delays, rescues and order are as always',
  isShort: false,
  control: { without: 'clock of Postgres', expects: /have not ended|began after/ },
  run: onStack(
    {
      workers: 2,
      testBuild: true,
      env: { [CLOCKS]: JSON.stringify({ worker: HOUR_MS, sweeper: -HOUR_MS }) },
    },
    run,
  ),
};

async function run({ context, stack, client }: Setting): Promise<Outcome> {
  const start = async (input: Record<string, unknown>, more: Record<string, unknown> = {}) => {
    const run = await client.create({
      assistant_id: 'steps',
      input,
      stream_mode: ['custom', 'values'],
      ...more,
    });
    return { ...run, readings: [{ from: 0, reading: client.follow(run) }] };
  };
  const plain = await start({ steps: 3, ms: 50 });
  const delayed = await start({ steps: 1, ms: 1 }, { after_seconds: 3 });
  const rescued = await start({ steps: 20, ms: 200 });
  const pid = await waitUntil(() => stack.ownerOf(rescued.runId));
  await waitUntil(() => (rescued.readings[0]?.reading.records.length ?? 0) > 5);
  stack.stack.kill(pid);
  const runs = [plain, delayed, rescued];
  const ids = runs.map(({ runId }) => runId);
  const problems = await untilAllEnded(stack, ids, context.without ? 20_000 : 40_000);
  if (context.without && problems.length > 0) return { problems, figures: {} };
  problems.push(...(await judge(stack, runs)));
  problems.push(...(await checkRows(stack, ids, { status: 'success' })));
  problems.push(...(await checkRows(stack, [plain.runId, delayed.runId], { attempt: 1 })));
  const [row] = (await runRows(stack, [rescued.runId])).filter(({ attempt }) => attempt !== 2);
  if (row) problems.push(`the run of the killed worker had ${String(row.attempt)} attempts, not 2`);
  const begunAt = delayed.readings[0]?.reading.records[0]?.atMs ?? 0;
  const delayMs = Math.round(begunAt - delayed.sentAt);
  if (delayMs < 3_000 || delayMs > 6_000)
    problems.push(`a run that was due after 3 s began after ${String(delayMs)} ms`);
  return { problems, figures: { 'due after 3,000, began after ms': delayMs } };
}
