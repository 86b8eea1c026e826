/**
 * What is promised of runs while Redis is away: they start soon, and nothing of them is done twice.
 */
import { historyOf } from './collect-history.js';
import type { FaultStack } from './fault-stack.js';
import type { AcceptedRun } from './run-client.js';
import { percentile, type Outcome } from '../scenario.js';

const START_WITHIN_MS = 2_000;

/**
 * @param runIds of the graph `steps`
 * @param meanwhile runs that were accepted while Redis was away
 */
export async function checkPromises(
  stack: FaultStack,
  runIds: readonly string[],
  meanwhile: readonly AcceptedRun[],
): Promise<Outcome> {
  const waits = await startWaits(
    stack,
    meanwhile.map(({ runId }) => runId),
  );
  const [p50, p99] = [percentile(waits, 0.5), percentile(waits, 0.99)];
  const submitMs = meanwhile.map(({ sentAt, acceptedAt }) => acceptedAt - sentAt);
  const problems = await stepsOnce(stack, runIds);
  if (meanwhile.length === 0) problems.push('no run was accepted while Redis was away');
  if (p99 > START_WITHIN_MS) {
    problems.push(`accepted → claimed while Redis is away: p99 ${String(p99)} ms is above 2,000`);
  }
  return {
    problems,
    figures: {
      'accepted meanwhile': meanwhile.length,
      'submit p99 ms': percentile(submitMs, 0.99),
      'accepted → claimed p50 ms': p50,
      'p99 ms': p99,
    },
  };
}

/** From creation to the first claim, by Postgres's clock, milliseconds. */
async function startWaits(stack: FaultStack, runIds: readonly string[]): Promise<number[]> {
  const rows = await stack.query<{ run_id: string; created_at: Date }>(
    'SELECT run_id, created_at FROM run WHERE run_id = ANY($1::uuid[])',
    [runIds],
  );
  const claims = new Map<string, number>();
  for (const { run_id: runId, what, at } of await historyOf(stack, runIds)) {
    if (what === 'claim' && !claims.has(runId)) claims.set(runId, at.getTime());
  }
  return rows.map(
    ({ run_id: runId, created_at: createdAt }) => (claims.get(runId) ?? Infinity) - createdAt.getTime(),
  );
}

/** Each step tells once that it begins. */
async function stepsOnce(stack: FaultStack, runIds: readonly string[]): Promise<string[]> {
  const rows = await stack.query<{ run_id: string; steps: number[]; expected: number }>(
    `SELECT run_id, array_agg((data::json->>'step')::int ORDER BY seq) AS steps
      FROM run_event WHERE run_id = ANY($1::uuid[]) AND event = 'custom' AND data::json->>'step' IS NOT NULL
      GROUP BY run_id`,
    [runIds],
  );
  return rows.flatMap(({ run_id: runId, steps }) =>
    steps.every((step, index) => step === index) ? [] : [`run ${runId}: its steps were ${steps.join(', ')}`],
  );
}
