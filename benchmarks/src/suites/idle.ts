/**
 * What a stack does when nobody asks it for anything.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CountedStack, type Counted } from '../counts/counted-stack.js';
import { cpuBetween, readUsage, type Usage } from '../harness/process-usage.js';
import { HttpClient } from '../load/http-client.js';
import { closedLoop } from '../load/loops.js';
import { joinedRun, NOOP } from '../load/run-requests.js';
import { figure, type Table } from '../report/markdown.js';
import type { Suite } from '../suite.js';
import { sum } from '../harness/statistics.js';

/** For what a start leaves to do. */
const SETTLE_MS = 5_000;
const LOAD_SECONDS = 5;

interface AtRest {
  readonly when: string;
  readonly counted: Counted;
  /** Percent of a core, by process. */
  readonly cpuPercent: Readonly<Record<string, number>>;
  readonly rssMb: Usage['rssMb'];
}

export const idle: Suite = {
  name: 'idle',
  about: 'CPU, memory, queries/s and Redis commands/s of an idle stack: 1 api, 2 workers, 1 sweeper',
  seconds: { long: 95, short: 45 },
  run: async ({ size, note }) => {
    const seconds = size === 'long' ? 30 : 10;
    const stack = await CountedStack.start();
    try {
      await sleep(SETTLE_MS);
      note('at rest after the start');
      const fresh = await watch(stack, 'after the start', seconds);
      note('under load, then at rest again');
      const client = new HttpClient(stack.longrun.url);
      await closedLoop(() => joinedRun(client, NOOP), 32, LOAD_SECONDS);
      await stack.untilIdle();
      client.close();
      await sleep(SETTLE_MS);
      const used = await watch(stack, 'after a load', seconds);
      return {
        tables: [costTable([fresh, used]), rateTable([fresh, used])],
        figures: [fresh, used].map(({ counted, ...rest }) => ({
          ...rest,
          seconds: counted.seconds,
          statementsPerSecond: ratesOf(counted.tally.statements, counted.seconds),
          redisCommandsPerSecond: ratesOf(counted.redis, counted.seconds),
        })),
        settings: { seconds },
        problems: [],
      };
    } finally {
      await stack.stop();
    }
  },
};

async function watch(stack: CountedStack, when: string, seconds: number): Promise<AtRest> {
  const before = readUsage(stack.longrun.processes());
  const counted = await stack.count(async () => {
    await sleep(seconds * 1_000);
  });
  const after = readUsage(stack.longrun.processes());
  const cpuPercent = Object.fromEntries(
    Object.entries(cpuBetween(before, after)).map(([name, ms]) => [name, ms / 10 / counted.seconds]),
  );
  return { when, counted, cpuPercent, rssMb: after.rssMb };
}

function costTable(stages: readonly AtRest[]): Table {
  return {
    title: 'At rest: CPU and memory',
    head: ['when', 'process', '% of a core', 'RSS MB'],
    rows: stages.flatMap(({ when, cpuPercent, rssMb }) => [
      ...Object.entries(cpuPercent).map(([name, percent]) => [
        when,
        name,
        figure(percent),
        figure(rssMb[name]),
      ]),
      [when, 'all', figure(sum(Object.values(cpuPercent))), figure(sum(Object.values(rssMb)))],
    ]),
  };
}

function rateTable(stages: readonly AtRest[]): Table {
  return {
    title: 'At rest: queries and commands per second',
    head: ['when', 'to', 'what', 'per second'],
    rows: stages.flatMap(({ when, counted: { tally, redis, seconds } }) => [
      ...rows(when, 'Postgres', tally.statements, seconds),
      ...rows(when, 'Redis', redis, seconds),
    ]),
  };
}

function rows(when: string, to: string, counts: ReadonlyMap<string, number>, seconds: number): string[][] {
  const byName = Object.entries(ratesOf(counts, seconds)).sort(([, a], [, b]) => b - a);
  const all = sum(byName.map(([, rate]) => rate));
  return [['all', all] as const, ...byName].map(([name, rate]) => [
    when,
    to,
    name.replaceAll('|', '\\|'),
    figure(rate),
  ]);
}

function ratesOf(counts: ReadonlyMap<string, number>, seconds: number): Record<string, number> {
  return Object.fromEntries([...counts].map(([name, count]) => [name, count / seconds]));
}
