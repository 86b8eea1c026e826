/**
 * Whether anything becomes slower with what is stored: the same stack empty and with a million runs, and threads with few and with many
 * runs.
 */
import { randomUUID } from 'node:crypto';
import { startLongrun, type Longrun } from '../contenders/longrun.js';
import { startAll, stopAll } from '../contenders/contender.js';
import { measureCells, type Cell } from '../harness/cells.js';
import { nowMs } from '../harness/clock.js';
import { closedLoop } from '../load/loops.js';
import type { HttpClient } from '../load/http-client.js';
import { joinedRun, NOOP, ONE_TOKEN, streamRun } from '../load/run-requests.js';
import { costRows, figureRows, problemsOf, type FigureRow } from '../report/cell-tables.js';
import { figure, ratio, type Table } from '../report/markdown.js';
import type { Suite } from '../suite.js';
import { clientOf } from './clients.js';
import { fillTables, METADATA_VALUES, type Stored } from './fill-tables.js';

const EMPTY = 'empty';
const FILLED = 'filled';
const FEW_RUNS = 10;

/** Threads of a contender that have been used. */
interface UsedThreads {
  readonly few: string;
  readonly many: string;
}

export const growth: Suite = {
  name: 'growth',
  about:
    'start, search, list, state and history with 1,000,000 runs stored ÷ empty, and with 1,000 runs on the thread ÷ 10',
  seconds: { long: 420, short: 100 },
  run: async ({ size, rounds: wanted, note }) => {
    const isLong = size === 'long';
    const stored: Stored = { threads: isLong ? 100_000 : 10_000, runsPerThread: 10, eventsPerRun: 10 };
    const manyRuns = isLong ? 1_000 : 100;
    const stacks = await startAll<Longrun>([
      () => startLongrun({ name: EMPTY }),
      () => startLongrun({ name: FILLED }),
    ]);
    try {
      const filled = stacks.find(({ name }) => name === FILLED);
      if (!filled) throw new Error('There is no stack to fill.');
      const startedAt = nowMs();
      await fillTables(filled.stack.info.postgres.url, stored, note);
      note(
        `stored in ${String(Math.round((nowMs() - startedAt) / 1_000))} s; ${String(manyRuns)} runs on a thread`,
      );
      const used = new Map<string, UsedThreads>();
      for (const stack of stacks) used.set(stack.name, await useThreads(clientOf(stack), manyRuns));
      const rounds = wanted ?? (isLong ? 4 : 2);
      const results = await measureCells(cells(used, manyRuns), stacks, rounds, note);
      const rows = figureRows(results);
      return {
        tables: [storedTable(rows), threadTable(rows, manyRuns)],
        figures: { figures: rows, costs: costRows(results) },
        settings: { stored, manyRuns, rounds },
        problems: problemsOf(results),
      };
    } finally {
      await stopAll(stacks);
    }
  },
};

/** A thread with a few runs, and one with many. */
async function useThreads(client: HttpClient, manyRuns: number): Promise<UsedThreads> {
  const threads = { few: randomUUID(), many: randomUUID() };
  for (let run = 0; run < FEW_RUNS; run += 1) await joinedRun(client, { ...NOOP, threadId: threads.few });
  for (let run = 0; run < manyRuns; run += 1) await joinedRun(client, { ...NOOP, threadId: threads.many });
  return threads;
}

function cells(used: ReadonlyMap<string, UsedThreads>, manyRuns: number): Cell<Longrun>[] {
  const threadOf = (stack: Longrun, which: keyof UsedThreads): string => used.get(stack.name)?.[which] ?? '';
  const search = (body: unknown) => (client: HttpClient) => client.json('POST', '/threads/search', body);
  return [
    timed('POST stream → first event', async (client) => {
      const { sentAt, firstEventAt } = await streamRun(client, ONE_TOKEN);
      return firstEventAt - sentAt;
    }),
    timed('POST → joined, background', (client) => joinedRun(client, NOOP)),
    timed('search threads: the newest 10', search({ limit: 10 })),
    timed('search threads: by metadata', (client) =>
      search({ limit: 10, metadata: { bench: Math.floor(Math.random() * METADATA_VALUES) } })(client),
    ),
    ...(['few', 'many'] as const).flatMap((which) => {
      const suffix = `thread with ${String(which === 'few' ? FEW_RUNS : manyRuns)} runs`;
      const path = (stack: Longrun): string => `/threads/${threadOf(stack, which)}`;
      return [
        timed(`list 10 runs, ${suffix}`, (client, stack) =>
          client.json('GET', `${path(stack)}/runs?limit=10`),
        ),
        timed(`state, ${suffix}`, (client, stack) => client.json('GET', `${path(stack)}/state`)),
        timed(`history of 10, ${suffix}`, (client, stack) =>
          client.json('POST', `${path(stack)}/history`, { limit: 10 }),
        ),
        timed(`POST stream → first event, ${suffix}`, async (client, stack) => {
          const seen = await streamRun(client, { ...ONE_TOKEN, threadId: threadOf(stack, which) });
          return seen.firstEventAt - seen.sentAt;
        }),
      ];
    }),
  ];
}

/** One at a time; the time of an operation is what it returns, or else how long it took. */
function timed(
  name: string,
  operation: (client: HttpClient, stack: Longrun) => Promise<unknown>,
): Cell<Longrun> {
  return {
    name,
    seconds: 1,
    measure: async (stack, time) => {
      const took: number[] = [];
      const { operations, problems } = await closedLoop(
        async () => {
          const startedAt = nowMs();
          const own = await operation(clientOf(stack), stack);
          took.push(typeof own === 'number' ? own : nowMs() - startedAt);
        },
        1,
        time,
      );
      return { operations, latencies: { [name]: took }, problems };
    },
  };
}

function storedTable(rows: readonly FigureRow[]): Table {
  const names = [...new Set(rows.map(({ cell }) => cell))];
  return {
    title: 'Growth: filled ÷ empty',
    head: ['what', 'empty p50 ms', 'empty p99', 'filled p50 ms', 'filled p99', 'filled ÷ empty'],
    rows: names.map((name) => {
      const of = (contender: string): FigureRow | undefined =>
        rows.find((row) => row.cell === name && row.contender === contender);
      const [empty, filled] = [of(EMPTY), of(FILLED)];
      return [
        name,
        figure(empty?.p50),
        figure(empty?.p99),
        figure(filled?.p50),
        figure(filled?.p99),
        ratio(filled?.p50 ?? NaN, empty?.p50),
      ];
    }),
  };
}

function threadTable(rows: readonly FigureRow[], manyRuns: number): Table {
  const few = `, thread with ${String(FEW_RUNS)} runs`;
  const many = `, thread with ${String(manyRuns)} runs`;
  return {
    title: `Growth: ${String(manyRuns)} runs on the thread ÷ ${String(FEW_RUNS)}`,
    head: ['what', 'stack', 'few p50 ms', 'many p50 ms', 'many ÷ few'],
    rows: rows
      .filter(({ cell }) => cell.endsWith(few))
      .map((row) => {
        const other = rows.find(
          ({ cell, contender }) => contender === row.contender && cell === row.cell.replace(few, many),
        );
        return [
          row.cell.replace(few, ''),
          row.contender,
          figure(row.p50),
          figure(other?.p50),
          ratio(other?.p50 ?? NaN, row.p50),
        ];
      }),
  };
}
