/**
 * kill -9 of an api with many streams open.
 */
import { waitUntil } from '@longrun/testing';
import { checkRows, judge, untilAllEnded, type WatchedRun } from '../harness/collect-history.js';
import { onStack, type Setting } from '../harness/on-stack.js';
import type { Outcome, Scenario } from '../scenario.js';

export const apiKilled: Scenario = {
  name: 'api-killed',
  fault: 'kill -9 of an api with 100 streams open (30 in the short suite)',
  must: 'clients go on at the other api; every run that was answered 2xx finishes; nothing is lost or doubled',
  isShort: true,
  control: { without: 'replay', expects: /gap|lost|still open/ },
  run: onStack({ apis: 2, workers: 2 }, run),
};

async function run({ context, stack, client }: Setting): Promise<Outcome> {
  // Half of the streams are at the api that dies.
  const count = context.size === 'long' ? 200 : 60;
  const runs: WatchedRun[] = [];
  for (let index = 0; index < count; index += 1) {
    const run = await client.create({
      assistant_id: 'steps',
      input: { steps: 8, ms: 500 },
      stream_mode: ['custom'],
    });
    runs.push({ ...run, readings: [{ from: 0, reading: client.follow(run) }] });
  }
  const readings = runs.map(({ readings: [first] }) => first?.reading);
  await waitUntil(() => readings.some((reading) => (reading?.records.length ?? 0) > 2), {
    timeoutMs: 30_000,
  });
  const [api] = stack.stack.readStack().apis;
  if (api) stack.stack.kill(api.pid);
  const ids = runs.map(({ runId }) => runId);
  const problems = await untilAllEnded(stack, ids, 120_000);
  problems.push(...(await judge(stack, runs)));
  problems.push(...(await checkRows(stack, ids, { status: 'success', attempt: 1 })));
  const resumed = readings.filter((reading) => (reading?.reconnects ?? 0) > 0).length;
  if (resumed === 0) problems.push('no stream was at the api that was killed');
  return { problems, figures: { streams: count, resumed } };
}
