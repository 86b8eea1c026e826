/**
 * Many runs at once, each with a reader, at the pace of models.
 */
import type { Contender } from '../contenders/contender.js';
import { startLongrun } from '../contenders/longrun.js';
import { nowMs } from '../harness/clock.js';
import type { Cell, Sample } from '../harness/cells.js';
import { faultsOf, openRun, tokens, type OpenedRun } from '../load/run-requests.js';
import { clientOf } from './clients.js';

/** Two workers hold 100 runs by default; 1,000 need more. */
export const MANY_RUNS_ENV = { N_JOBS_PER_WORKER: '500' };
export const MANY_RUNS_NAME = 'longrun, 500 runs per worker';

export const startManyRuns = (): Promise<Contender> =>
  startLongrun({ name: MANY_RUNS_NAME, env: MANY_RUNS_ENV });

/** Runs that are asked for at a time, the next ones when these are accepted: many users do not come in the same millisecond. */
const OPENED_TOGETHER = 50;

export interface PacedRuns {
  readonly name: string;
  readonly runs: number;
  /** Tokens of each. */
  readonly count: number;
  readonly everyMs: number;
  readonly isFor: (contender: Contender) => boolean;
}

/** Runs that begin one after the other and go on together; an operation, which the cost is given for, is a token. */
export function paced({ name, runs, count, everyMs, isFor }: PacedRuns): Cell {
  const seconds = (count * everyMs) / 1_000;
  return {
    name,
    seconds,
    isFor,
    measure: async (contender, time): Promise<Sample> => {
      const client = clientOf(contender);
      const tokensEach = Math.round(count * (time / seconds));
      const startedAt = nowMs();
      const opened: OpenedRun[] = [];
      while (opened.length < runs) {
        const some = Array.from({ length: Math.min(OPENED_TOGETHER, runs - opened.length) }, () =>
          openRun(client, tokens(tokensEach, everyMs)),
        );
        opened.push(...some);
        await Promise.all(some.map((run) => run.opened));
      }
      await Promise.all(opened.map((run) => run.ended));
      const wallMs = nowMs() - startedAt;
      return {
        operations: runs * tokensEach,
        latencies: { 'said → client': opened.flatMap(({ seen }) => seen.delays) },
        figures: {
          'events/s': (runs * tokensEach) / (wallMs / 1_000),
          [`wall, ms (ideal ${String((count - 1) * everyMs)})`]: wallMs,
        },
        problems: opened.flatMap(({ seen }) => faultsOf(seen, tokensEach)).slice(0, 5),
      };
    },
  };
}
