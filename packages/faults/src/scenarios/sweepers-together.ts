/**
 * Several sweepers find the same stale runs at once, and one of them is frozen in the middle.
 */
import { randomUUID } from 'node:crypto';
import { waitUntil } from '@longrun/testing';
import { historyOf, runRows } from '../harness/collect-history.js';
import { onStack, type Setting } from '../harness/on-stack.js';
import type { Outcome, Scenario } from '../scenario.js';

const FROZEN_MS = 6_000;

export const sweepersTogether: Scenario = {
  name: 'sweepers-together',
  fault: '3 sweepers on 500 stale runs (150 in the short suite), one SIGSTOPped in the middle',
  must: 'each run is rescued exactly once',
  isShort: false,
  control: { without: 'lock of the run', expects: /not rescued once/ },
  run: onStack({ workers: 0, sweepers: 3 }, run),
};

async function run({ context, stack, client }: Setting): Promise<Outcome> {
  const count = context.size === 'long' ? 500 : 150;
  const runs = [];
  for (let batch = 0; batch < count / 10; batch += 1) {
    const body = { assistant_id: 'steps', input: { steps: 1, ms: 1 } };
    runs.push(...(await Promise.all(Array.from({ length: 10 }, () => client.create(body)))));
  }
  const ids = runs.map(({ runId }) => runId);
  // A worker that had its lock, and whose process is gone, held them all.
  const dead = randomUUID();
  await stack.query(
    `INSERT INTO worker (worker_id, graph_ids, hostname, pid, beat, lock_held)
      VALUES ($1, '{steps}', 'gone', 1, 1, true)`,
    [dead],
  );
  await stack.query(
    "UPDATE run SET status = 'running', attempt = 1, worker_id = $2, started_at = now() WHERE run_id = ANY($1::uuid[])",
    [ids, dead],
  );
  const staleAt = performance.now();
  const rescued = async (): Promise<number> =>
    (await runRows(stack, ids)).filter(({ status }) => status !== 'running').length;
  await waitUntil(async () => (await rescued()) > 0, { timeoutMs: 20_000, message: 'the first rescue' });
  const { pid } = context.random.pick(stack.stack.readStack().sweepers);
  stack.stack.kill(pid, 'SIGSTOP');
  await waitUntil(async () => (await rescued()) === count, { timeoutMs: 60_000, message: 'the last rescue' });
  const allRescuedMs = Math.round(performance.now() - staleAt);
  await new Promise((resolve) => setTimeout(resolve, FROZEN_MS));
  stack.stack.kill(pid, 'SIGCONT');
  // What the frozen one was about to do is done or refused by now.
  await new Promise((resolve) => setTimeout(resolve, 2_000));

  const rescues = new Map<string, number>();
  for (const { run_id, what } of await historyOf(stack, ids)) {
    if (what === 'rescue') rescues.set(run_id, (rescues.get(run_id) ?? 0) + 1);
  }
  const wrong = (await runRows(stack, ids)).filter(
    ({ run_id, status, attempt, crashes }) =>
      status !== 'pending' || attempt !== 1 || crashes !== 1 || rescues.get(run_id) !== 1,
  );
  return {
    problems: wrong.map(
      ({ run_id, status, crashes }) =>
        `run ${run_id} was not rescued once: ${status}, ${String(rescues.get(run_id) ?? 0)} rescues, ${String(crashes)} crashes`,
    ),
    figures: { 'stale runs': count, 'all rescued after ms': allRescuedMs },
  };
}
