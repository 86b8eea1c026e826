/**
 * `pnpm bench guard`: counts a few runs and fails when one of the bounds is broken.
 */
import { countLoads, GUARDED_LOADS, TOKENS_PER_RUN, type RunCosts } from '../counts/count-loads.js';
import { CountedStack, type Counted } from '../counts/counted-stack.js';
import { classOf, totalFor } from '../counts/tally.js';
import { figure, toMarkdown, type Table } from '../report/markdown.js';
import { BOUNDS, brokenBounds, type GuardFigures } from './bounds.js';
import { sum } from '../harness/statistics.js';

const RUNS = 120;
/** As often as the sweeper cleans up. */
const IDLE_SECONDS = 10;
const WORKERS = 2;

/** How often is counted before a bound counts as broken: what a machine that stands still for a second adds does not come twice. */
const TRIES = 2;

/** @returns the exit code */
export async function runGuard(
  print: (line: string) => void,
  note: (sentence: string) => void,
): Promise<number> {
  const stack = await CountedStack.start();
  try {
    for (let tries = 1; ; tries += 1) {
      const { idle, costs } = await countLoads(stack, GUARDED_LOADS, {
        runs: RUNS,
        idleSeconds: IDLE_SECONDS,
        note,
      });
      const figures = figuresOf(idle, costs, await stack.connections());
      const broken = brokenBounds(figures);
      print(toMarkdown(tableOf(figures)));
      for (const sentence of broken) print(`BROKEN ${sentence}`);
      if (broken.length === 0) print('all bounds held');
      else if (tries < TRIES) note('counting once more');
      if (broken.length === 0 || tries === TRIES) return broken.length === 0 ? 0 : 1;
    }
  } finally {
    await stack.stop();
  }
}

function tableOf(figures: GuardFigures): Table {
  const names = Object.keys(BOUNDS) as (keyof GuardFigures)[];
  return {
    title: 'Guard',
    head: ['what', 'counted', 'bound'],
    rows: names.map((name) => [name, figure(figures[name]), figure(BOUNDS[name])]),
  };
}

function figuresOf(
  idle: Counted,
  costs: readonly RunCosts[],
  connections: Record<'postgres' | 'redis', ReadonlyMap<string, number>>,
): GuardFigures {
  const [noop, tokens] = costs;
  if (!noop || !tokens) throw new Error('The guard has counted nothing.');
  const own = totalFor(noop.tally, 'run');
  const per = (server: 'postgres' | 'redis', owner: string): number => {
    const all = [...connections[server]].filter(([name]) => classOf(name) === owner);
    const count = all.reduce((total, [, connected]) => total + connected, 0);
    return owner === 'worker' ? count / WORKERS : count;
  };
  return {
    'SQL statements per run': own.statements,
    'round trips per run': own.roundTrips,
    'commits per run': own.commits,
    'checkpoint commits per run': totalFor(noop.tally, 'checkpoint').commits,
    'Redis commands per run': sum(noop.redis.values()),
    'Redis commands per event': (sum(tokens.redis.values()) - sum(noop.redis.values())) / TOKENS_PER_RUN,
    'SQL statements per event': (totalFor(tokens.tally, 'run').statements - own.statements) / TOKENS_PER_RUN,
    'SQL statements per second at rest': sum(idle.tally.statements.values()) / idle.seconds,
    'Postgres connections per api': per('postgres', 'api'),
    'Postgres connections per worker': per('postgres', 'worker'),
    'Postgres connections per sweeper': per('postgres', 'sweeper'),
    'Redis connections per api': per('redis', 'api'),
    'Redis connections per worker': per('redis', 'worker'),
    'Redis connections per sweeper': per('redis', 'sweeper'),
  };
}
