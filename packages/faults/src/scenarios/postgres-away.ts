/**
 * Postgres frozen, restarted, restarted again and again, and all its sessions ended every second.
 */
import { signalProcessTree } from '@longrun/testing';
import { checkRows, judge, untilAllEnded } from '../harness/collect-history.js';
import { onStack, type Setting } from '../harness/on-stack.js';
import { startSteadyLoad } from '../harness/steady-load.js';
import { pause, percentile, type Outcome, type Scenario, type ScenarioContext } from '../scenario.js';

const BODY = {
  assistant_id: 'steps',
  input: { steps: 10, ms: 200, events: 2 },
  stream_mode: ['custom', 'values'],
};
/** A submit is answered within this time while Postgres is away. */
const ANSWERED_WITHIN_MS = 10_000;

/** A scenario in which runs are created and read while `inflict` goes on. */
function whilePostgres(
  scenario: Omit<Scenario, 'run'>,
  inflict: (setting: Setting) => Promise<void>,
): Scenario {
  return { ...scenario, run: onStack({ ownPostgres: true }, (setting) => run(setting, inflict)) };
}

async function run(setting: Setting, inflict: (setting: Setting) => Promise<void>): Promise<Outcome> {
  const { context, stack, client } = setting;
  const load = startSteadyLoad(client, BODY, 400);
  await pause(3_000);
  await inflict(setting);
  await pause(2_000);
  const problems = await load.stop();
  const ids = load.runs.map(({ runId }) => runId);
  problems.push(...(await untilAllEnded(stack, ids, context.without ? 20_000 : 60_000)));
  problems.push(...(await judge(stack, load.runs)));
  // Nobody was dead: nothing may have been rescued or charged.
  problems.push(...(await checkRows(stack, ids, { status: 'success', attempt: 1, crashes: 0 })));
  const refusals = load.runs.flatMap((one) => one.refusals);
  for (const { answerMs } of load.runs) {
    if (answerMs > ANSWERED_WITHIN_MS) problems.push(`a submit was not answered for ${String(answerMs)} ms`);
  }
  for (const { status, ms, retryAfter } of refusals) {
    if (status === 0 || ms > ANSWERED_WITHIN_MS)
      problems.push(`a submit was not answered for ${String(ms)} ms`);
    else if (status !== 503 || retryAfter === null) {
      problems.push(`a submit was answered ${String(status)} with Retry-After ${String(retryAfter)}`);
    }
  }
  return {
    problems,
    figures: {
      runs: ids.length,
      '503': refusals.length,
      '503 after ms at most': percentile(
        refusals.map(({ ms }) => ms),
        1,
      ),
    },
  };
}

export const postgresFrozen = whilePostgres(
  {
    name: 'postgres-frozen',
    fault: 'SIGSTOP of Postgres for 10 s',
    must: 'no status guessed, no event lost, nothing rescued or charged; submits get 503 with Retry-After within 10 s; all runs finish after it',
    isShort: false,
    control: { without: 'answer deadline', expects: /was not answered/ },
  },
  async ({ stack }) => {
    const { pid } = stack.stack.readStack().postgres;
    if (pid === null) throw new Error('The stack did not start Postgres itself.');
    signalProcessTree(pid, 'SIGSTOP');
    await pause(11_000);
    signalProcessTree(pid, 'SIGCONT');
  },
);

export const postgresRestarted = whilePostgres(
  {
    name: 'postgres-restarted',
    fault: 'Postgres restarted 5 times in a row (twice in the short suite)',
    must: '0 rescues, 0 charges, every attempt 1; no event lost; all runs finish',
    isShort: false,
    control: { without: 'patience with Postgres', expects: /status is/ },
  },
  async ({ stack, context }) => {
    for (let time = 0; time < times(context, 5, 2); time += 1) {
      const before = stack.stack.readStack().postgres.pid;
      if (before === null) throw new Error('The stack did not start Postgres itself.');
      stack.stack.kill(before, 'SIGINT');
      await stack.stack.waitForStack(({ postgres }) => postgres.pid !== null && postgres.pid !== before, {
        timeoutMs: 60_000,
        message: 'Postgres to be started again',
      });
      await pause(1_000);
    }
  },
);

export const postgresSessionsEnded = whilePostgres(
  {
    name: 'postgres-sessions-ended',
    fault: 'pg_terminate_backend of all sessions every second for 30 s (8 s in the short suite)',
    must: 'no status guessed, no event lost or doubled, nothing rescued; all runs finish after it',
    isShort: false,
    control: { without: 'patience with Postgres', expects: /status is/ },
  },
  async ({ stack, context }) => {
    for (let time = 0; time < times(context, 30, 8); time += 1) {
      await stack.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'faults'`,
      );
      await pause(1_000);
    }
  },
);

function times({ size }: ScenarioContext, long: number, short: number): number {
  return size === 'long' ? long : short;
}
