/**
 * How fast tokens come: one run flat out, and many runs at the pace of models.
 */
import { startAlone } from '../contenders/alone.js';
import type { Contender } from '../contenders/contender.js';
import { startFloor } from '../contenders/floor.js';
import { startInMemory } from '../contenders/in-memory.js';
import { startLongrun } from '../contenders/longrun.js';
import type { Cell } from '../harness/cells.js';
import { faultsOf, streamRun, tokens } from '../load/run-requests.js';
import type { Suite } from '../suite.js';
import { runCells } from './cell-suite.js';
import { clientOf } from './clients.js';
import { MANY_RUNS_ENV, MANY_RUNS_NAME, paced, startManyRuns } from './paced-runs.js';

const FLAT_OUT = 2_000;
/** Runs of a round: one takes a few hundred milliseconds. */
const FLAT_OUT_RUNS = 5;

const isDefault = ({ kind, name }: Contender): boolean => kind !== 'alone' && name !== MANY_RUNS_NAME;

export const tokensSuite: Suite = {
  name: 'tokens',
  about:
    '2,000 tokens flat out; 50 runs with a token every 20 ms; 500 runs with 20 tokens/s; lost = doubled = 0',
  seconds: { long: 260, short: 60 },
  run: (context) =>
    runCells(
      'Tokens',
      {
        contenders: [startLongrun, startManyRuns, startInMemory, startFloor, startAlone],
        rounds: { long: 4, short: 1 },
        settings: { manyRuns: MANY_RUNS_ENV, 'runs at a time of the in-memory server': 10 },
        cells: [
          flatOut,
          paced({
            name: '50 runs, a token every 20 ms',
            runs: 50,
            count: 200,
            everyMs: 20,
            isFor: isDefault,
          }),
          paced({
            name: '500 runs, 20 tokens/s',
            runs: 500,
            count: 60,
            everyMs: 50,
            isFor: ({ kind, name }) => kind === 'floor' || name === MANY_RUNS_NAME,
          }),
        ],
      },
      context,
    ),
};

const flatOut: Cell = {
  name: `one run, ${String(FLAT_OUT)} tokens at once`,
  seconds: 1,
  isFor: ({ name }) => name !== MANY_RUNS_NAME,
  measure: async (contender) => {
    const client = clientOf(contender);
    const rates: number[] = [];
    const problems: string[] = [];
    for (let run = 0; run < FLAT_OUT_RUNS; run += 1) {
      if (contender.kind === 'alone') {
        const path = `/tokens?count=${String(FLAT_OUT)}`;
        rates.push((await client.json<{ eventsPerSecond: number }>('POST', path)).eventsPerSecond);
        continue;
      }
      const seen = await streamRun(client, tokens(FLAT_OUT, 0));
      rates.push(FLAT_OUT / ((seen.lastTokenAt - seen.firstTokenSaidAt) / 1_000));
      problems.push(...faultsOf(seen, FLAT_OUT));
    }
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    return { operations: FLAT_OUT_RUNS * FLAT_OUT, figures: { 'events/s': mean }, problems };
  },
};
