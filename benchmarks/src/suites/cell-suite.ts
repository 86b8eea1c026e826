/**
 * A suite that is a list of cells, measured of several contenders in turns.
 */
import type { Contender } from '../contenders/contender.js';
import { withContenders } from '../contenders/contender.js';
import { closedLoop } from '../load/loops.js';
import { joinedRun, NOOP } from '../load/run-requests.js';
import { clientOf } from './clients.js';
import { measureCells, type Cell } from '../harness/cells.js';
import { costRows, costTable, figureRows, figureTable, problemsOf } from '../report/cell-tables.js';
import type { SuiteContext, SuiteResult } from '../suite.js';

export interface CellSuite {
  readonly contenders: readonly (() => Promise<Contender>)[];
  readonly cells: readonly Cell[];
  /** Rounds that count, unless the command line says otherwise. */
  readonly rounds: { readonly long: number; readonly short: number };
  readonly settings?: Readonly<Record<string, unknown>>;
}

/**
 * A load before all cells, so that everything of a server is compiled and connected: clients, and for how long. V8 needs about a thousand runs
 * in each of four workers until these are as fast as one that has had them all.
 */
const WARM_UP_CLIENTS = 64;
const WARM_UP_SECONDS = { long: 20, short: 5 };

/** Starts the contenders, measures everything, and makes the tables. */
export async function runCells(
  title: string,
  suite: CellSuite,
  { size, rounds: wanted, note }: SuiteContext,
): Promise<SuiteResult> {
  const rounds = wanted ?? suite.rounds[size];
  const results = await withContenders(suite.contenders, async (contenders) => {
    note(`measuring ${contenders.map(({ name }) => name).join(', ')}`);
    for (const contender of contenders)
      if (contender.kind !== 'alone') await warmUp(contender, WARM_UP_SECONDS[size]);
    return measureCells(suite.cells, contenders, rounds, note);
  });
  const figures = figureRows(results);
  const costs = costRows(results);
  return {
    tables: [figureTable(title, figures), costTable(`${title}: cost per operation`, costs)],
    figures: { figures, costs },
    settings: { rounds, ...suite.settings },
    problems: problemsOf(results),
  };
}

async function warmUp(contender: Contender, seconds: number): Promise<void> {
  const client = clientOf(contender);
  await closedLoop(() => joinedRun(client, NOOP), WARM_UP_CLIENTS, seconds);
}
