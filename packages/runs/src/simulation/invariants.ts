/**
 * What must hold when everything has been let run to its end. What must hold at every write is checked where it is written
 * (`record.ts`, `run-statements.ts`, `client.ts`).
 */
import { isTerminalRunStatus } from '@longrun/contracts';
import type { SimClient } from './client.js';
import type { World } from './world.js';

export function checkEnd(world: World, clients: readonly SimClient[]): void {
  const { record } = world;
  for (const run of record.runs) {
    const ends = run.log.filter(({ what }) => what === 'end').length;
    if (!isTerminalRunStatus(run.status)) {
      record.violate('I1', `${run.run_id} is still ${run.status} at the end`);
    } else if (ends !== 1 || run.log.at(-1)?.what !== 'end') {
      record.violate('I6', `the log of ${run.run_id} has ${ends} end records, or something after the end`);
    }
  }
  for (const { runId, seen } of clients) {
    if (runId === null) continue;
    const log = record.find(runId)?.log ?? [];
    if (seen.some((event, seq) => log[seq] !== event)) {
      record.violate('I3', `what a client saw of ${runId} is not in its log any more`);
    } else if (seen.length !== log.length) {
      record.violate('I1', `a client of ${runId} got ${seen.length} of ${log.length} events and waits`);
    }
  }
}
