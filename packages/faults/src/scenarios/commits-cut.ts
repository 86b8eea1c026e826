/**
 * The connection to Postgres is cut at the COMMIT of a create, a finish or a checkpoint, and at an append: its answer is lost, its effect is not.
 */
import { createTestDatabase } from '@longrun/test-stack';
import { startTcpProxy } from '@longrun/testing';
import { checkRows, judge, untilAllEnded } from '../harness/collect-history.js';
import { onStack, type Setting } from '../harness/on-stack.js';
import { startSteadyLoad } from '../harness/steady-load.js';
import type { Outcome, Scenario } from '../scenario.js';

/** What is on the wire when something commits: a transaction, or a statement that is one (the name under which it is prepared). */
const MOMENTS = ['COMMIT', 'append-events', 'insert-run', 'finish-run-alone'] as const;

export const commitsCut: Scenario = {
  name: 'commits-cut',
  fault:
    'the connection to Postgres is cut before the answer to a COMMIT or an append, every 300 ms for 30 s (10 s in the short suite)',
  must: 'the outcome is found out before anything is answered or repeated: no run twice, no end lost, no event doubled, also without Idempotency-Key',
  isShort: true,
  control: { without: 'commit look-up', expects: /has 2 runs/ },
  run: async (context) => {
    const database = await createTestDatabase();
    const proxy = await startTcpProxy({ port: Number(new URL(database.url).port) });
    try {
      return await onStack({ databaseUrl: proxy.urlFor(database.url) }, (setting) => run(setting, proxy))(
        context,
      );
    } finally {
      await proxy.close();
      await database.drop();
    }
  },
};

async function run(
  { context, stack, client }: Setting,
  proxy: { cutReplyTo(text: string): void },
): Promise<Outcome> {
  const forMs = context.size === 'long' ? 30_000 : 10_000;
  const body = {
    assistant_id: 'steps',
    input: { steps: 6, ms: 100, events: 3 },
    stream_mode: ['custom', 'values'],
  };
  const load = startSteadyLoad(client, body, 100, { withKey: false });
  let cuts = 0;
  const cutting = setInterval(() => {
    proxy.cutReplyTo(MOMENTS[cuts % MOMENTS.length] ?? 'COMMIT');
    cuts += 1;
  }, 300);
  await new Promise((resolve) => setTimeout(resolve, forMs));
  clearInterval(cutting);
  const problems = await load.stop();
  const ids = load.runs.map(({ runId }) => runId);
  problems.push(...(await untilAllEnded(stack, ids, 60_000)));
  problems.push(...(await judge(stack, load.runs)));
  problems.push(...(await checkRows(stack, ids, { status: 'success', attempt: 1, crashes: 0 })));
  const doubled = await stack.query<{ thread_id: string; runs: number }>(
    'SELECT thread_id, count(*)::int AS runs FROM run WHERE thread_id = ANY($1::uuid[]) GROUP BY thread_id HAVING count(*) > 1',
    [load.runs.map(({ threadId }) => threadId)],
  );
  problems.push(
    ...doubled.map(
      ({ thread_id, runs }) => `thread ${thread_id} has ${String(runs)} runs, one was asked for`,
    ),
  );
  const refused = load.runs.flatMap(({ refusals }) => refusals);
  return { problems, figures: { runs: ids.length, cuts, 'refused and repeated': refused.length } };
}
