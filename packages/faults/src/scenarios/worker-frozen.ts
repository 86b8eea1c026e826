/**
 * SIGSTOP of a worker for longer than its lease, then SIGCONT: the late worker must do no harm, and go on.
 */
import { waitUntil } from '@longrun/testing';
import { checkRows, judge, untilAllEnded } from '../harness/collect-history.js';
import { onStack, type Setting } from '../harness/on-stack.js';
import type { Outcome, Scenario } from '../scenario.js';

export const workerFrozen: Scenario = {
  name: 'worker-frozen',
  fault: 'SIGSTOP of a worker for 30 s (14 s in the short suite), then SIGCONT',
  must: 'its runs are rescued meanwhile, nothing charged; the late worker writes no event, status, checkpoint or store item, and serves new runs',
  isShort: true,
  control: { without: 'fence', expects: /zombie write|duplicate|store item/ },
  run: onStack({ workers: 2 }, run),
};

async function run({ context, stack, client }: Setting): Promise<Outcome> {
  const frozenMs = context.size === 'long' ? 30_000 : 14_000;
  // Long enough that it is still under way when the first worker is thawed.
  const steps = Math.ceil((frozenMs + 8_000) / 250);
  const accepted = await client.create({
    assistant_id: 'steps',
    input: { steps, ms: 250, events: 5 },
    stream_mode: ['custom', 'values'],
  });
  const reading = client.follow(accepted);
  await waitUntil(() => reading.records.length > 20, {
    timeoutMs: 20_000,
    message: 'the run to be under way',
  });
  const frozen = await waitUntil(() => stack.ownerOf(accepted.runId));
  stack.stack.kill(frozen, 'SIGSTOP');
  const frozenAt = performance.now();
  const rescuer = await waitUntil(
    async () => {
      const pid = await stack.ownerOf(accepted.runId);
      return pid !== undefined && pid !== frozen && pid;
    },
    { timeoutMs: 25_000, message: 'the rescue' },
  );
  const rescuedMs = performance.now() - frozenAt;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, frozenMs - rescuedMs)));
  stack.stack.kill(frozen, 'SIGCONT');
  const problems = await untilAllEnded(stack, [accepted.runId], 60_000);
  problems.push(...(await judge(stack, [{ ...accepted, readings: [{ from: 0, reading }] }])));
  problems.push(...(await checkRows(stack, [accepted.runId], { status: 'success', attempt: 2, crashes: 0 })));
  problems.push(...(await checkItems(stack, accepted.runId)));

  // With the other one frozen, only the thawed worker can serve the next run.
  stack.stack.kill(rescuer, 'SIGSTOP');
  const next = await client.create({
    assistant_id: 'steps',
    input: { steps: 1, ms: 1 },
    stream_mode: ['custom'],
  });
  problems.push(...(await untilAllEnded(stack, [next.runId], 20_000)));
  stack.stack.kill(rescuer, 'SIGCONT');
  return { problems, figures: { 'frozen ms': frozenMs, 'freeze → rescue ms': Math.round(rescuedMs) } };
}

/** Each step left one item; those of the steps after the rescue must be of the second attempt. */
async function checkItems(stack: Setting['stack'], runId: string): Promise<string[]> {
  const items = await stack.query<{ key: string; attempt: number }>(
    `SELECT key, (value->>'attempt')::int AS attempt FROM langgraph.store WHERE namespace_path LIKE '%' || $1 || '%'`,
    [runId],
  );
  const ordered = items.sort((a, b) => Number(a.key) - Number(b.key));
  const problems = ordered.length === 0 ? ['no store item was written'] : [];
  let newest = 0;
  for (const { key, attempt } of ordered) {
    if (attempt < newest)
      problems.push(`store item ${key} is of attempt ${String(attempt)}, behind one of ${String(newest)}`);
    newest = Math.max(newest, attempt);
  }
  return problems;
}
