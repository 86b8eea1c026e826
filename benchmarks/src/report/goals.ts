/**
 * What is to be reached on two cores, and where in the records of the suites it stands.
 */
import type { CostRow, FigureRow } from './cell-tables.js';
import type { Recorded } from './record.js';

/** The newest record of each suite that has one. */
export type Records = ReadonlyMap<string, Recorded>;

/** One measured value by contender; undefined for who was not measured. */
interface Reading {
  readonly longrun: number | undefined;
  readonly inMemory?: number | undefined;
  readonly floor?: number | undefined;
  /** Where the aim depends on what was measured too. */
  readonly aim?: number | undefined;
}

export interface Goal {
  readonly measure: string;
  readonly suite: string;
  readonly must: number;
  readonly aim: number;
  readonly better: 'less' | 'more';
  read(records: Records): Reading;
}

const START_STREAM = 'stream, no-op, one at a time';
const START_BACKGROUND = 'background, one token, one at a time';
const START_100 = 'background, one token, 100/s';
const FLAT_OUT = 'one run, 2000 tokens at once';
const FIFTY_RUNS = '50 runs, a token every 20 ms';
/** Of what the graph says in a loop, without a server. */
const SHARE_OF_LANGGRAPH = 0.8;
const THOUSAND_READERS = '1,000 readers, 200 tokens at once';

export const GOALS: readonly Goal[] = [
  latency('POST stream → first event, p50 ms', 'start', START_STREAM, 'POST → first event', 'p50', 6, 4),
  latency('POST stream → first event, p99 ms', 'start', START_STREAM, 'POST → first event', 'p99', 15, 10),
  latency('POST stream → end, p50 ms', 'start', START_STREAM, 'POST → end', 'p50', 9, 6),
  latency(
    'POST → node → client, background, p50 ms',
    'start',
    START_BACKGROUND,
    'POST → first token',
    'p50',
    5,
    3,
  ),
  latency(
    'POST → node → client, background, p99 ms',
    'start',
    START_BACKGROUND,
    'POST → first token',
    'p99',
    12,
    8,
  ),
  latency('the same at 100 runs/s, p50 ms', 'start', START_100, 'POST → first token', 'p50', 10, 6),
  latency('the same at 100 runs/s, p99 ms', 'start', START_100, 'POST → first token', 'p99', 60, 30),
  rate('background + join, 1 client, runs/s', 'throughput', 'no-op, 1 clients', 'runs/s', 110, 150),
  rate('background + join, 64 clients, runs/s', 'throughput', 'no-op, 64 clients', 'runs/s', 260, 400),
  goal('one run, 2,000 tokens at once, events/s', 'tokens', 12_000, NaN, 'more', (records) => {
    const alone = cellReading(records, 'tokens', FLAT_OUT, 'events/s', 'median', 'LangGraph alone').longrun;
    return {
      ...cellReading(records, 'tokens', FLAT_OUT, 'events/s', 'median'),
      aim: alone && alone * SHARE_OF_LANGGRAPH,
    };
  }),
  latency(
    '50 runs, a token every 20 ms: latency p50 ms',
    'tokens',
    FIFTY_RUNS,
    'said → client',
    'p50',
    1.5,
    1,
  ),
  latency(
    '50 runs, a token every 20 ms: latency p99 ms',
    'tokens',
    FIFTY_RUNS,
    'said → client',
    'p99',
    10,
    6,
  ),
  {
    ...rate('50 runs: wall ms (ideal 3,980)', 'tokens', FIFTY_RUNS, 'wall, ms (ideal 3980)', 4_250, 4_100),
    better: 'less',
  },
  goal('1,000 readers of one run, burst: deliveries/s ÷ floor', 'fan-out', 0.85, 1, 'more', (records) => {
    const { longrun, floor } = cellReading(records, 'fan-out', THOUSAND_READERS, 'deliveries/s', 'median');
    return { longrun: quotient(longrun, floor) };
  }),
  goal('RSS per idle reader ÷ floor', 'fan-out', 1.5, 1.2, 'less', (records) => {
    const readers = figuresOf<{ idleReaders: { contender: string; rssPerReaderKb: number }[] }>(
      records,
      'fan-out',
    );
    const of = (name: string): number | undefined =>
      readers?.idleReaders.find(({ contender }) => contender === name)?.rssPerReaderKb;
    return { longrun: quotient(of('longrun'), of('floor')) };
  }),
  goal('ms per LangGraph step with its checkpoint', 'throughput', 1, 0.7, 'less', (records) =>
    cellReading(records, 'throughput', '50 steps, one run at a time', 'per step, ms', 'p50'),
  ),
  goal(
    'CPU per no-op background run at 64 clients, all processes, ms',
    'throughput',
    6,
    4,
    'less',
    (records) => {
      const costs = figuresOf<{ costs: CostRow[] }>(records, 'throughput')?.costs;
      const of = (name: string): number | undefined =>
        costs?.find(({ cell, contender }) => cell === 'no-op, 64 clients' && contender === name)?.serverCpuMs;
      return { longrun: of('longrun'), inMemory: of('in-memory'), floor: of('floor') };
    },
  ),
  goal('history of 10, many runs on the thread ÷ 10 runs', 'growth', 1.2, 1.05, 'less', (records) => {
    const rows = growthRows(records).filter(
      ({ cell, contender }) => contender === 'filled' && /^history/.test(cell),
    );
    return { longrun: quotient(rows[1]?.p50, rows[0]?.p50) };
  }),
  goal('start latency with many runs stored ÷ empty', 'growth', 1.2, 1.05, 'less', (records) => {
    const of = (name: string): number | undefined =>
      growthRows(records).find(
        ({ cell, contender }) => contender === name && cell === 'POST stream → first event',
      )?.p50;
    return { longrun: quotient(of('filled'), of('empty')) };
  }),
  counted('SQL statements per no-op run, without checkpoints', 'statements', 6, 4),
  counted('round trips per no-op run, without checkpoints', 'roundTrips', 5, 4),
  goal('idle stack, % of a core', 'idle', 3, 1, 'less', (records) => {
    const stages = figuresOf<{ cpuPercent: Record<string, number> }[]>(records, 'idle');
    return { longrun: stages && total(stages.at(-1)?.cpuPercent) };
  }),
  goal('idle stack, SQL/s', 'idle', 10, 5, 'less', (records) => {
    const stages = figuresOf<{ statementsPerSecond: Record<string, number> }[]>(records, 'idle');
    return { longrun: stages && total(stages.at(-1)?.statementsPerSecond) };
  }),
];

function goal(
  measure: string,
  suite: string,
  must: number,
  aim: number,
  better: Goal['better'],
  read: Goal['read'],
): Goal {
  return { measure, suite, must, aim, better, read };
}

function latency(
  measure: string,
  suite: string,
  cell: string,
  what: string,
  quantile: 'p50' | 'p99',
  must: number,
  aim: number,
): Goal {
  return goal(measure, suite, must, aim, 'less', (records) =>
    cellReading(records, suite, cell, `${what}, ms`, quantile),
  );
}

function rate(measure: string, suite: string, cell: string, what: string, must: number, aim: number): Goal {
  return goal(measure, suite, must, aim, 'more', (records) =>
    cellReading(records, suite, cell, what, 'median'),
  );
}

function counted(measure: string, what: 'statements' | 'roundTrips', must: number, aim: number): Goal {
  return goal(measure, 'counts', must, aim, 'less', (records) => {
    type Totals = Record<string, Record<'statements' | 'roundTrips', number>>;
    const loads = figuresOf<{ perRun: { load: string; tally: { totals: Totals } }[] }>(
      records,
      'counts',
    )?.perRun;
    const totals = loads?.find(({ load }) => load === 'no-op, background')?.tally.totals ?? {};
    const own = Object.entries(totals).filter(([key]) => key.endsWith(' run'));
    return { longrun: own.length === 0 ? undefined : own.reduce((sum, [, counts]) => sum + counts[what], 0) };
  });
}

function cellReading(
  records: Records,
  suite: string,
  cell: string,
  measure: string,
  statistic: 'p50' | 'p99' | 'median',
  contender = 'longrun',
): Reading {
  const figures = figuresOf<{ figures?: FigureRow[]; cells?: { figures: FigureRow[] } }>(records, suite);
  const rows = figures?.figures ?? figures?.cells?.figures ?? [];
  const of = (name: string): number | undefined =>
    rows.find((row) => row.cell === cell && row.measure === measure && row.contender === name)?.[statistic];
  return { longrun: of(contender), inMemory: of('in-memory'), floor: of('floor') };
}

function growthRows(records: Records): readonly FigureRow[] {
  return figuresOf<{ figures: FigureRow[] }>(records, 'growth')?.figures ?? [];
}

function figuresOf<T>(records: Records, suite: string): T | undefined {
  return records.get(suite)?.figures as T | undefined;
}

function quotient(value: number | undefined, base: number | undefined): number | undefined {
  return value === undefined || base === undefined || base === 0 ? undefined : value / base;
}

function total(values: Readonly<Record<string, number>> | undefined): number {
  return Object.values(values ?? {}).reduce((sum, value) => sum + value, 0);
}
