/**
 * Tables of what cells measured: the figures with both ratios, and what they cost.
 */
import type { CellResult, MeasuredSample } from '../harness/cells.js';
import { median, quantile, sum } from '../harness/statistics.js';
import { figure, ratio, type Table } from './markdown.js';

/** One line of the figures. */
export interface FigureRow {
  readonly cell: string;
  readonly measure: string;
  readonly contender: string;
  readonly kind: CellResult['kind'];
  /** Measured values: operations of all rounds for latencies, rounds for the others. */
  readonly count: number;
  /** Median of the rounds' medians. */
  readonly median: number;
  /** Of the operations of all rounds; undefined for what has one value per round. */
  readonly p50?: number;
  readonly p99?: number;
  readonly p999?: number;
}

/** One line of the costs; milliseconds of processor time per operation. */
export interface CostRow {
  readonly cell: string;
  readonly contender: string;
  readonly operations: number;
  readonly clientCpuMs: number;
  readonly serverCpuMs: number;
  readonly serverCpuMsBy: Readonly<Record<string, number>>;
  readonly rssMb: number;
  readonly rssMbBy: Readonly<Record<string, number>>;
}

export function figureRows(results: readonly CellResult[]): FigureRow[] {
  return results.flatMap(({ cell, contender, kind, rounds }) => {
    const about = { cell, contender, kind };
    const latencies = namesOf(rounds, ({ latencies }) => latencies).map((measure): FigureRow => {
      const byRound = rounds.map((round) => (round.latencies?.[measure] ?? []).filter(Number.isFinite));
      const all = byRound.flat();
      return {
        ...about,
        measure: `${measure}, ms`,
        count: all.length,
        median: median(byRound.filter((values) => values.length > 0).map(median)),
        p50: quantile(all, 0.5),
        p99: quantile(all, 0.99),
        p999: quantile(all, 0.999),
      };
    });
    const figures = namesOf(rounds, ({ figures }) => figures).map((measure): FigureRow => {
      const values = rounds.flatMap((round) => round.figures?.[measure] ?? []);
      return { ...about, measure, count: values.length, median: median(values) };
    });
    return [...latencies, ...figures];
  });
}

export function costRows(results: readonly CellResult[]): CostRow[] {
  return results.map(({ cell, contender, rounds }) => {
    const operations = sum(rounds.map((round) => round.operations));
    const per = (ms: number): number => ms / operations;
    const serverCpuMsBy = Object.fromEntries(
      namesOf(rounds, ({ serverCpuMs }) => serverCpuMs).map((name) => [
        name,
        per(sum(rounds.map((round) => round.serverCpuMs[name] ?? 0))),
      ]),
    );
    const rssMbBy = rounds.at(-1)?.rssMb ?? {};
    return {
      cell,
      contender,
      operations,
      clientCpuMs: per(sum(rounds.map((round) => round.clientCpuMs))),
      serverCpuMs: sum(Object.values(serverCpuMsBy)),
      serverCpuMsBy,
      rssMb: sum(Object.values(rssMbBy)),
      rssMbBy,
    };
  });
}

/** Figures with their ratio to the in-memory server and to the floor of the same run. */
export function figureTable(title: string, rows: readonly FigureRow[]): Table {
  const baseOf = (row: FigureRow, kind: FigureRow['kind']): number | undefined =>
    rows.find((one) => one.cell === row.cell && one.measure === row.measure && one.kind === kind)?.median;
  return {
    title,
    head: ['what', 'measure', 'contender', 'n', 'median', 'p50', 'p99', 'p99.9', '÷ in-memory', '÷ floor'],
    rows: [...rows]
      .sort(byCellAndMeasure(rows))
      .map((row) => [
        row.cell,
        row.measure,
        row.contender,
        String(row.count),
        figure(row.median),
        figure(row.p50),
        figure(row.p99),
        figure(row.p999),
        ratio(row.median, baseOf(row, 'in-memory')),
        ratio(row.median, baseOf(row, 'floor')),
      ]),
  };
}

/** What an operation costs, and what the processes hold. */
export function costTable(title: string, rows: readonly CostRow[]): Table {
  return {
    title,
    head: ['what', 'contender', 'n', 'client CPU ms', 'server CPU ms', 'by process', 'RSS MB', 'by process'],
    rows: rows.map((row) => [
      row.cell,
      row.contender,
      String(row.operations),
      figure(row.clientCpuMs),
      figure(row.serverCpuMs),
      split(row.serverCpuMsBy),
      figure(row.rssMb),
      split(row.rssMbBy),
    ]),
  };
}

/** What went wrong in any of the rounds, each with where. */
export function problemsOf(results: readonly CellResult[]): string[] {
  return results.flatMap(({ cell, contender, rounds }) =>
    rounds.flatMap(({ problems = [] }) => problems.map((problem) => `${cell}, ${contender}: ${problem}`)),
  );
}

/** `a 1 · b 2`; nothing for one process alone. */
function split(byName: Readonly<Record<string, number>>): string {
  const entries = Object.entries(byName);
  return entries.length < 2 ? '' : entries.map(([name, value]) => `${name} ${figure(value)}`).join(' · ');
}

/** The contenders of one measure below each other, in the order in which things came first. */
function byCellAndMeasure(rows: readonly FigureRow[]): (a: FigureRow, b: FigureRow) => number {
  const keyOf = ({ cell, measure }: FigureRow): string => `${cell}\n${measure}`;
  const order = [...new Set(rows.map(keyOf))];
  return (a, b) => order.indexOf(keyOf(a)) - order.indexOf(keyOf(b));
}

function namesOf(
  rounds: readonly MeasuredSample[],
  pick: (round: MeasuredSample) => Readonly<Record<string, unknown>> | undefined,
): string[] {
  return [...new Set(rounds.flatMap((round) => Object.keys(pick(round) ?? {})))];
}
