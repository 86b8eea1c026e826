/**
 * How many runs are carried from POST to their end, and what one costs.
 */
import { startFloor } from '../contenders/floor.js';
import { startInMemory } from '../contenders/in-memory.js';
import { startLongrun } from '../contenders/longrun.js';
import type { Contender } from '../contenders/contender.js';
import type { Cell } from '../harness/cells.js';
import { closedLoop } from '../load/loops.js';
import { backgroundRun, joinedRun, NOOP, steps, type RunSpec } from '../load/run-requests.js';
import type { Suite } from '../suite.js';
import { runCells } from './cell-suite.js';
import { clientOf } from './clients.js';

const TEN_STEPS = 10;
/** Steps of the run in which the time of a step is taken. */
const MANY_STEPS = 50;

const oneWorker = () => startLongrun({ name: 'longrun, 1 worker', workers: 1 });
const fourWorkers = () => startLongrun({ name: 'longrun, 4 workers', workers: 4 });
/** Two workers are the default; how many matters for the number of runs, not for their steps. */
const hasDefaultWorkers = ({ name }: Contender): boolean => !/\d worker/.test(name);

export const throughput: Suite = {
  name: 'throughput',
  about: 'background runs from POST to join, 1 to 256 clients, 1, 2 and 4 workers; CPU per run by process',
  seconds: { long: 480, short: 60 },
  run: (context) => {
    const isLong = context.size === 'long';
    const seconds = isLong ? 3 : 2;
    const clients = isLong ? [1, 8, 32, 64, 256] : [1, 64];
    return runCells(
      'Throughput',
      {
        contenders: [startLongrun, ...(isLong ? [oneWorker, fourWorkers] : []), startInMemory, startFloor],
        rounds: { long: 3, short: 1 },
        settings: { clients, secondsPerCell: seconds },
        cells: [
          ...clients.map((count) =>
            // All contenders everywhere: whoever is asked less is less compiled, and looks slower.
            joins(`no-op, ${String(count)} clients`, NOOP, count, seconds, isLong),
          ),
          ...[1, 64].map((count) =>
            joins(`10 steps, ${String(count)} clients`, steps(TEN_STEPS), count, seconds, false),
          ),
          stepTime(seconds),
        ],
      },
      context,
    );
  },
};

function joins(name: string, spec: RunSpec, clients: number, seconds: number, forAll: boolean): Cell {
  return {
    name,
    seconds,
    isFor: forAll ? () => true : hasDefaultWorkers,
    measure: async (contender, time) => {
      const client = clientOf(contender);
      const { operations, rate, problems } = await closedLoop(() => joinedRun(client, spec), clients, time);
      return { operations, figures: { 'runs/s': rate }, problems };
    },
  };
}

/** The time between the beginnings of two steps, by what the steps say. */
function stepTime(seconds: number): Cell {
  return {
    name: `${String(MANY_STEPS)} steps, one run at a time`,
    seconds,
    isFor: (contender) => contender.kind !== 'floor' && hasDefaultWorkers(contender),
    measure: async (contender, time) => {
      const client = clientOf(contender);
      const perStep: number[] = [];
      const { operations, problems } = await closedLoop(
        async () => {
          const { firstTokenSaidAt, lastTokenSaidAt } = await backgroundRun(
            client,
            steps(MANY_STEPS, 'custom'),
          );
          perStep.push((lastTokenSaidAt - firstTokenSaidAt) / (MANY_STEPS - 1));
        },
        1,
        time,
      );
      return { operations, latencies: { 'per step': perStep }, problems };
    },
  };
}
