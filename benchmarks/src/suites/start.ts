/**
 * How soon a run starts: POST to the first event, to the first token, to the end.
 */
import type { Contender } from '../contenders/contender.js';
import { startFloor } from '../contenders/floor.js';
import { startInMemory } from '../contenders/in-memory.js';
import { startLongrun } from '../contenders/longrun.js';
import type { Cell, Sample } from '../harness/cells.js';
import type { HttpClient } from '../load/http-client.js';
import { closedLoop, openLoop, type LoopResult } from '../load/loops.js';
import {
  backgroundRun,
  NOOP,
  ONE_TOKEN,
  streamRun,
  type RunSpec,
  type SeenRun,
} from '../load/run-requests.js';
import type { Suite } from '../suite.js';
import { runCells } from './cell-suite.js';
import { clientOf } from './clients.js';

type Way = (client: HttpClient, spec: RunSpec) => Promise<SeenRun>;
type Loop = (operation: () => Promise<void>, seconds: number) => Promise<LoopResult>;

const oneAtATime: Loop = (operation, seconds) => closedLoop(operation, 1, seconds);
const atRate =
  (perSecond: number): Loop =>
  (operation, seconds) =>
    openLoop(operation, perSecond, seconds);

export const start: Suite = {
  name: 'start',
  about: 'POST to the first event, the first token and the end, one at a time and at 5 to 100 runs/s',
  seconds: { long: 240, short: 50 },
  run: (context) => {
    const isLong = context.size === 'long';
    const rates = isLong ? [5, 20, 50, 100] : [20, 100];
    return runCells(
      'Start',
      {
        contenders: [startLongrun, startInMemory, startFloor],
        rounds: { long: 4, short: 1 },
        settings: { rates, streamMode: 'noop: values; one token: custom' },
        cells: [
          cell('stream, no-op, one at a time', streamRun, NOOP, oneAtATime, isLong ? 3 : 2),
          cell('stream, one token, one at a time', streamRun, ONE_TOKEN, oneAtATime, isLong ? 3 : 2),
          cell('background, one token, one at a time', backgroundRun, ONE_TOKEN, oneAtATime, isLong ? 3 : 2),
          ...rates.flatMap((rate) => [
            cell(`stream, one token, ${String(rate)}/s`, streamRun, ONE_TOKEN, atRate(rate), 1.5),
            cell(`background, one token, ${String(rate)}/s`, backgroundRun, ONE_TOKEN, atRate(rate), 1.5),
          ]),
        ],
      },
      context,
    );
  },
};

function cell(name: string, way: Way, spec: RunSpec, loop: Loop, seconds: number): Cell {
  return {
    name,
    seconds,
    measure: async (contender: Contender, time): Promise<Sample> => {
      const client = clientOf(contender);
      const seen: SeenRun[] = [];
      const result = await loop(async () => {
        seen.push(await way(client, spec));
      }, time);
      return { operations: result.operations, latencies: latenciesOf(seen), problems: result.problems };
    },
  };
}

/** By what was waited for; a no-op graph says no token. */
function latenciesOf(seen: readonly SeenRun[]): Record<string, number[]> {
  const since = (at: (run: SeenRun) => number): number[] => seen.map((run) => at(run) - run.sentAt);
  const latencies = {
    'POST → first event': since((run) => run.firstEventAt),
    'POST → node says the token': since((run) => run.firstTokenSaidAt),
    'node → client': seen.map((run) => run.firstTokenAt - run.firstTokenSaidAt),
    'POST → first token': since((run) => run.firstTokenAt),
    'POST → end': since((run) => run.endedAt),
  };
  return Object.fromEntries(Object.entries(latencies).filter(([, values]) => values.some(Number.isFinite)));
}
