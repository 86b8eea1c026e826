/**
 * A graph blocks the event loop of its worker: for a while, and for ever.
 */
import { checkRows, judge, untilAllEnded } from '../harness/collect-history.js';
import { onStack, type Setting } from '../harness/on-stack.js';
import type { Outcome, Scenario } from '../scenario.js';

const TIMEOUT_SECONDS = 30;

export const eventLoopBlocked: Scenario = {
  name: 'event-loop-blocked',
  fault: 'a graph blocks the event loop for 20 s (13 s in the short suite); another for ever',
  must: 'the first is not rescued and finishes once; the second is ended by the job timeout, and its worker with it',
  isShort: false,
  control: { without: 'heartbeat thread', expects: /attempt is/ },
  run: onStack(
    { workers: 1, env: { JOB_TIMEOUT_SECONDS: String(TIMEOUT_SECONDS), SILENT_LOOP_LIMIT_MS: '5000' } },
    run,
  ),
};

async function run({ context, stack, client }: Setting): Promise<Outcome> {
  const blockedMs = context.size === 'long' ? 20_000 : 13_000;
  const block = async (ms: number) => {
    const accepted = await client.create({ assistant_id: 'blocks', input: { ms }, stream_mode: ['custom'] });
    return { ...accepted, readings: [{ from: 0, reading: client.follow(accepted) }] };
  };
  const first = await block(blockedMs);
  const problems = await untilAllEnded(stack, [first.runId], 60_000);
  problems.push(...(await judge(stack, [first])));
  problems.push(...(await checkRows(stack, [first.runId], { status: 'success', attempt: 1, crashes: 0 })));
  if (context.without) return { problems, figures: {} };

  const startedAt = performance.now();
  const second = await block(3_600_000);
  problems.push(...(await untilAllEnded(stack, [second.runId], (TIMEOUT_SECONDS + 20) * 1_000)));
  const endedMs = Math.round(performance.now() - startedAt);
  problems.push(...(await judge(stack, [second])));
  problems.push(...(await checkRows(stack, [second.runId], { status: 'timeout' })));
  const next = await client.create({ assistant_id: 'steps', input: { steps: 1, ms: 1 } });
  problems.push(...(await untilAllEnded(stack, [next.runId], 30_000)));
  return {
    problems,
    figures: { 'blocked ms': blockedMs, 'timeout s': TIMEOUT_SECONDS, 'ended after ms': endedMs },
  };
}
