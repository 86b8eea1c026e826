/**
 * What a run costs in things that can be counted: statements, round trips, commits, Redis commands, bytes of the write-ahead log.
 */
import { countLoads, LOADS, type RunCosts } from '../counts/count-loads.js';
import { CountedStack, type Counted } from '../counts/counted-stack.js';
import { totalFor, type Purpose } from '../counts/tally.js';
import { figure, type Table } from '../report/markdown.js';
import type { Suite } from '../suite.js';
import { sum } from '../harness/statistics.js';

/** Less than this per run is noise of what the stack does by itself. */
const LEAST = 0.02;

export const counts: Suite = {
  name: 'counts',
  about:
    'SQL statements, round trips, commits, Redis commands and WAL bytes per run, by process and by statement',
  seconds: { long: 60, short: 25 },
  run: async ({ size, note }) => {
    const settings = { runs: size === 'long' ? 200 : 50, idleSeconds: size === 'long' ? 15 : 5 };
    const stack = await CountedStack.start();
    try {
      const { idle, costs } = await countLoads(stack, LOADS, { ...settings, note });
      const connections = await stack.connections();
      return {
        tables: [
          overview(costs),
          byProcess(costs),
          statementTable(costs),
          redisTable(costs),
          idleTable(idle),
          connectionTable(connections),
        ],
        figures: {
          perRun: costs.map((cost) => ({
            ...cost,
            tally: plain(cost.tally),
            redis: Object.fromEntries(cost.redis),
          })),
          idle: { ...idle, tally: plain(idle.tally), redis: Object.fromEntries(idle.redis) },
          connections: {
            postgres: Object.fromEntries(connections.postgres),
            redis: Object.fromEntries(connections.redis),
          },
        },
        settings,
        problems: [],
      };
    } finally {
      await stack.stop();
    }
  },
};

function overview(costs: readonly RunCosts[]): Table {
  const cells = (cost: RunCosts, purpose: Purpose): string[] => {
    const { statements, roundTrips, commits } = totalFor(cost.tally, purpose);
    return [statements, roundTrips, commits].map(figure);
  };
  return {
    title: 'Counts per run (idle time taken off)',
    head: [
      'load',
      'statements',
      'round trips',
      'commits',
      'checkpoint statements',
      'c. round trips',
      'c. commits',
      'Redis commands',
      'events',
      'WAL kB',
    ],
    rows: costs.map((cost) => [
      cost.load,
      ...cells(cost, 'run'),
      ...cells(cost, 'checkpoint'),
      figure(sum(cost.redis.values())),
      figure(cost.events),
      figure(cost.walBytes / 1_000),
    ]),
  };
}

function byProcess(costs: readonly RunCosts[]): Table {
  return {
    title: 'Counts per run, by process',
    head: ['load', 'process', 'for', 'statements', 'round trips', 'transactions', 'commits'],
    rows: costs.flatMap(({ load, tally }) =>
      [...tally.totals]
        .filter(([, { statements }]) => statements >= LEAST)
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([key, { statements, roundTrips, transactions, commits }]) => [
          load,
          ...key.split(' '),
          ...[statements, roundTrips, transactions, commits].map(figure),
        ]),
    ),
  };
}

function statementTable(costs: readonly RunCosts[]): Table {
  return perLoad(
    'Statements per run',
    ['process', 'for', 'statement'],
    costs,
    ({ tally }) => tally.statements,
    splitLabel,
  );
}

function redisTable(costs: readonly RunCosts[]): Table {
  return perLoad(
    'Redis commands per run, those that scripts call included',
    ['command'],
    costs,
    ({ redis }) => redis,
    (name) => [name],
  );
}

/** A row for everything that one of the loads does, a column for each load. */
function perLoad(
  title: string,
  head: readonly string[],
  costs: readonly RunCosts[],
  pick: (cost: RunCosts) => ReadonlyMap<string, number>,
  cells: (key: string) => string[],
): Table {
  const keys = [...new Set(costs.flatMap((cost) => [...pick(cost).keys()]))]
    .filter((key) => costs.some((cost) => (pick(cost).get(key) ?? 0) >= LEAST))
    .sort();
  return {
    title,
    head: [...head, ...costs.map(({ load }) => load)],
    rows: keys.map((key) => [
      ...cells(key),
      ...costs.map((cost) => {
        const count = pick(cost).get(key) ?? 0;
        return count >= LEAST ? figure(count) : '';
      }),
    ]),
  };
}

function idleTable({ tally, redis, seconds }: Counted): Table {
  return {
    title: 'At rest, per second',
    head: ['process', 'for', 'what', 'per second'],
    rows: [
      ...[...tally.statements]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([label, count]) => [...splitLabel(label), figure(count / seconds)]),
      ['all', '', 'statements', figure(sum(tally.statements.values()) / seconds)],
      ...[...redis].map(([name, count]) => ['redis', '', name, figure(count / seconds)]),
      ['redis', '', 'all commands', figure(sum(redis.values()) / seconds)],
    ],
  };
}

function connectionTable(connections: Record<'postgres' | 'redis', ReadonlyMap<string, number>>): Table {
  return {
    title: 'Connections (1 api, 2 workers, 1 sweeper)',
    head: ['server', 'owner', 'connections'],
    rows: Object.entries(connections).flatMap(([server, byOwner]) =>
      [...byOwner]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([owner, count]) => [server, owner, String(count)]),
    ),
  };
}

/** `worker run INSERT …` → worker, run, the statement as a cell. */
function splitLabel(label: string): string[] {
  const [owner = '', purpose = '', ...text] = label.split(' ');
  return [owner, purpose, text.join(' ').replaceAll('|', '\\|')];
}

function plain(tally: Counted['tally']): unknown {
  return { totals: Object.fromEntries(tally.totals), statements: Object.fromEntries(tally.statements) };
}
