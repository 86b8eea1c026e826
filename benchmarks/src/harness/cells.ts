/**
 * Measuring contenders in turns: a suite is a list of cells, each one thing that is measured of every contender in every round.
 */
import type { Contender } from '../contenders/contender.js';
import { turnsOf } from './in-turns.js';
import { cpuBetween, readUsage } from './process-usage.js';

/** What one measurement of one contender yields. */
export interface Sample {
  /** Finished operations, which the processor time is divided by. */
  readonly operations: number;
  /** Milliseconds by what was measured, one for every operation: `first event`. */
  readonly latencies?: Readonly<Record<string, readonly number[]>>;
  /** One figure of the whole measurement, by name with its unit: `runs/s`. */
  readonly figures?: Readonly<Record<string, number>>;
  readonly problems?: readonly string[];
}

export interface Cell<C extends Contender = Contender> {
  readonly name: string;
  /** How long a measurement takes, for cells that last as long as they are told. */
  readonly seconds: number;
  /** Which contenders it is for. Default: all. */
  readonly isFor?: (contender: C) => boolean;
  measure(contender: C, seconds: number): Promise<Sample>;
}

/** All that was measured of one contender in one cell, a list entry per round. */
export interface CellResult {
  readonly cell: string;
  readonly contender: string;
  readonly kind: Contender['kind'];
  readonly rounds: readonly MeasuredSample[];
}

export interface MeasuredSample extends Sample {
  /** Processor milliseconds of the load generator, and of the server by process. */
  readonly clientCpuMs: number;
  readonly serverCpuMs: Readonly<Record<string, number>>;
  /** Memory of the server's processes at the end, MB. */
  readonly rssMb: Readonly<Record<string, number>>;
}

/** The warm-up is as long as this share of a round. */
const WARM_UP_SHARE = 0.5;

/**
 * Measures every cell of every contender, round by round; the first round warms up and does not count.
 *
 * @param rounds that count
 */
export async function measureCells<C extends Contender>(
  cells: readonly Cell<C>[],
  contenders: readonly C[],
  rounds: number,
  note: (sentence: string) => void,
): Promise<CellResult[]> {
  const results = new Map<string, { result: CellResult; rounds: MeasuredSample[] }>();
  for (let round = 0; round <= rounds; round += 1) {
    note(round === 0 ? 'warming up' : `round ${String(round)} of ${String(rounds)}`);
    for (const cell of cells) {
      for (const contender of turnsOf(contenders.filter(cell.isFor ?? (() => true)), round)) {
        const seconds = round === 0 ? cell.seconds * WARM_UP_SHARE : cell.seconds;
        const sample = await measureOnce(cell, contender, seconds);
        if (round === 0) continue;
        const key = keyOf(cell, contender);
        const kept = results.get(key) ?? newResult(cell.name, contender);
        kept.rounds.push(sample);
        results.set(key, kept);
      }
    }
  }
  // In the order of cells and contenders, whoever was first in the first round.
  return cells.flatMap((cell) =>
    contenders.flatMap((contender) => results.get(keyOf(cell, contender))?.result ?? []),
  );
}

function keyOf(cell: { readonly name: string }, contender: Contender): string {
  return `${cell.name}\n${contender.name}`;
}

function newResult(
  cell: string,
  { name, kind }: Contender,
): { result: CellResult; rounds: MeasuredSample[] } {
  const rounds: MeasuredSample[] = [];
  return { result: { cell, contender: name, kind, rounds }, rounds };
}

async function measureOnce<C extends Contender>(
  cell: Cell<C>,
  contender: C,
  seconds: number,
): Promise<MeasuredSample> {
  const before = readUsage(contender.processes());
  const client = process.cpuUsage();
  const sample = await cell.measure(contender, seconds).catch((error: unknown): Sample => ({
    operations: 0,
    problems: [error instanceof Error ? error.message : String(error)],
  }));
  const { user, system } = process.cpuUsage(client);
  const after = readUsage(contender.processes());
  return {
    ...sample,
    clientCpuMs: (user + system) / 1_000,
    serverCpuMs: cpuBetween(before, after),
    rssMb: after.rssMb,
  };
}
