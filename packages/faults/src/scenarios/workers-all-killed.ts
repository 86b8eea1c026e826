/**
 * All workers die at once; more runs come while there is none.
 */
import { judge, checkRows, untilAllEnded, type WatchedRun } from '../harness/collect-history.js';
import { onStack, type Setting } from '../harness/on-stack.js';
import type { Outcome, Scenario } from '../scenario.js';

export const workersAllKilled: Scenario = {
  name: 'workers-all-killed',
  fault: 'kill -9 of all workers at once; they are started again',
  must: 'every accepted run finishes, those that came meanwhile too',
  isShort: false,
  control: { without: 'rescue', expects: /have not ended/ },
  run: onStack({ workers: 2 }, run),
};

async function run({ context, stack, client }: Setting): Promise<Outcome> {
  const count = context.size === 'long' ? 30 : 8;
  const runs: WatchedRun[] = [];
  for (let index = 0; index < count; index += 1) {
    if (index === count / 2) for (const { pid } of stack.stack.readStack().workers) stack.stack.kill(pid);
    const run = await client.create({
      assistant_id: 'steps',
      input: { steps: 5, ms: 200 },
      stream_mode: ['custom'],
    });
    runs.push({ ...run, readings: [{ from: 0, reading: client.follow(run) }] });
  }
  const ids = runs.map(({ runId }) => runId);
  const problems = await untilAllEnded(stack, ids, context.without ? 20_000 : 90_000);
  if (context.without && problems.length > 0) return { problems, figures: {} };
  problems.push(...(await judge(stack, runs)));
  problems.push(...(await checkRows(stack, ids, { status: 'success' })));
  return { problems, figures: { runs: count } };
}
