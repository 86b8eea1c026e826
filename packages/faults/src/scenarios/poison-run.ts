/**
 * A graph that kills its process whenever it is executed.
 */
import { waitUntil } from '@longrun/testing';
import {
  checkRows,
  historyOf,
  judge,
  runRows,
  untilAllEnded,
  type WatchedRun,
} from '../harness/collect-history.js';
import { onStack, type Setting } from '../harness/on-stack.js';
import type { Outcome, Scenario } from '../scenario.js';

export const poisonRun: Scenario = {
  name: 'poison-run',
  fault: 'a graph that kills its process whenever it is executed, with neighbours in the same worker',
  must: 'error after 3 crashes with a clear message; two workers die; the neighbours succeed; the fleet keeps serving',
  isShort: true,
  control: { without: 'isolation', expects: /workers died/ },
  run: onStack({ workers: 2 }, run),
};

async function run({ context, stack, client }: Setting): Promise<Outcome> {
  const count = context.size === 'long' ? 20 : 8;
  const neighbours: WatchedRun[] = [];
  for (let index = 0; index < count; index += 1) {
    const run = await client.create({
      assistant_id: 'steps',
      input: { steps: 12, ms: 300 },
      stream_mode: ['custom'],
    });
    neighbours.push({ ...run, readings: [{ from: 0, reading: client.follow(run) }] });
  }
  const ids = neighbours.map(({ runId }) => runId);
  await waitUntil(async () => (await runRows(stack, ids)).every(({ status }) => status === 'running'));
  const accepted = await client.create({ assistant_id: 'poison', input: { ms: 0 }, stream_mode: ['custom'] });
  const poison = { ...accepted, readings: [{ from: 0, reading: client.follow(accepted) }] };
  const problems = await untilAllEnded(stack, [accepted.runId, ...ids], 90_000);
  problems.push(...(await judge(stack, [poison, ...neighbours])));
  problems.push(...(await checkRows(stack, [accepted.runId], { status: 'error' })));
  problems.push(...(await checkRows(stack, ids, { status: 'success' })));
  const [row] = await runRows(stack, [accepted.runId]);
  if (!/died 3 times/.test(row?.error?.message ?? '')) {
    problems.push(`the message of the poison run does not tell: ${String(row?.error?.message)}`);
  }
  // The last crash, that of its own process, ends the poison run instead of rescuing it.
  const rescues = (await historyOf(stack, [accepted.runId, ...ids])).filter(({ what }) => what === 'rescue');
  const died = new Set(rescues.map(({ worker }) => worker)).size;
  if (died > 2) problems.push(`${String(died)} workers died of one poison run`);
  const next = await client.create({ assistant_id: 'steps', input: { steps: 1, ms: 1 } });
  problems.push(...(await untilAllEnded(stack, [next.runId], 20_000)));
  return { problems, figures: { neighbours: count, 'workers that died': died } };
}
