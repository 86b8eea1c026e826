/**
 * Many readers: of one run, and of as many runs.
 */
import { startFloor } from '../contenders/floor.js';
import { startInMemory } from '../contenders/in-memory.js';
import { startLongrun } from '../contenders/longrun.js';
import type { Cell, Sample } from '../harness/cells.js';
import { gatherReaders } from '../load/gather-readers.js';
import { makeGate } from '../load/gate.js';
import { openStuckReader } from '../load/stuck-reader.js';
import { createRun, faultsOf, tokens, type SeenRun } from '../load/run-requests.js';
import type { Suite } from '../suite.js';
import { runCells } from './cell-suite.js';
import { clientOf } from './clients.js';
import { measureIdleReaders, redisConnections } from './idle-readers.js';
import { MANY_RUNS_NAME, paced, startManyRuns } from './paced-runs.js';

export const fanOut: Suite = {
  name: 'fan-out',
  about: 'one run with 100, 1,000 and 10,000 readers, one of them stuck; 1,000 runs with a reader each',
  seconds: { long: 200, short: 60 },
  run: async (context) => {
    const isLong = context.size === 'long';
    const memory = await measureIdleReaders(isLong ? 10_000 : 2_000, context.note);
    const result = await runCells(
      'Fan-out',
      {
        contenders: [startLongrun, ...(isLong ? [startManyRuns] : []), startInMemory, startFloor],
        rounds: { long: 3, short: 1 },
        cells: [
          burst(100, 1_000, true),
          burst(1_000, 200, true),
          ...(isLong
            ? [
                burst(10_000, 20, false),
                paced({
                  name: '1,000 runs × 1 reader, 4 tokens/s',
                  runs: 1_000,
                  count: 20,
                  everyMs: 250,
                  isFor: ({ kind, name }) => kind === 'floor' || name === MANY_RUNS_NAME,
                }),
              ]
            : []),
        ],
      },
      context,
    );
    return {
      ...result,
      tables: [memory.table, ...result.tables],
      figures: { idleReaders: memory.figures, cells: result.figures },
    };
  },
};

/** A run says `count` tokens at once to `readers` readers that are all there, and to one more that takes nothing. */
function burst(readers: number, count: number, withInMemory: boolean): Cell {
  return {
    name: `${readers.toLocaleString('en-US')} readers, ${count.toLocaleString('en-US')} tokens at once`,
    seconds: 1,
    isFor: ({ kind, name }) => name !== MANY_RUNS_NAME && (withInMemory || kind !== 'in-memory'),
    measure: async (contender): Promise<Sample> => {
      const client = clientOf(contender);
      const gate = makeGate();
      try {
        const connectionsBefore = await redisConnections(contender);
        const run = await createRun(client, { ...tokens(count, 0, gate.path), resumable: true });
        const gathered = await gatherReaders(client, run, readers);
        const moreConnections = (await redisConnections(contender)) - connectionsBefore;
        const closeStuck = await openStuckReader(
          contender.url,
          `/threads/${run.thread_id}/runs/${run.run_id}/stream`,
        );
        gate.open();
        await gathered.ended;
        closeStuck();
        return sampleOf(gathered.seen, count, moreConnections);
      } finally {
        gate.remove();
      }
    },
  };
}

function sampleOf(seen: readonly SeenRun[], count: number, moreConnections: number): Sample {
  const saidAt = Math.min(...seen.map(({ firstTokenSaidAt }) => firstTokenSaidAt));
  const lastAt = seen.reduce((last, { lastTokenAt }) => Math.max(last, lastTokenAt), 0);
  const deliveries = seen.length * count;
  return {
    operations: deliveries,
    latencies: { 'said → client': seen.flatMap(({ delays }) => delays) },
    figures: {
      'deliveries/s': deliveries / ((lastAt - saidAt) / 1_000),
      'Redis connections more with the readers': moreConnections,
    },
    problems: seen.flatMap((one) => faultsOf(one, count)).slice(0, 5),
  };
}
