/**
 * `--once` for whoever reads the output of a cron job: one line of what was done, or of why it was not.
 */
import type { SweepCounts } from '@longrun/runs';

/** Prints the line. A failure ends the process with 1. */
export async function sweepOnce(run: () => Promise<Readonly<SweepCounts>>): Promise<void> {
  try {
    process.stdout.write(`${sweptLine(await run())}\n`);
  } catch (error) {
    process.stderr.write(`The sweep failed: ${error instanceof Error ? error.message : String(error)}\n`);
    // A pool that has no answer would keep the process.
    process.exit(1);
  }
}

/** Everything, also what there was nothing of: a line that does not change its form is easily searched. */
function sweptLine(done: Readonly<SweepCounts>): string {
  const parts = [
    `${done.rescued} runs rescued`,
    `${done.dispatched} dispatched`,
    `${done.fired} fired by crons`,
    `${done.webhooks} webhooks sent`,
    `${done.threads} threads, ${done.logs} logs and ${done.items} items of the store removed`,
  ];
  return `Swept: ${parts.join(', ')}.`;
}
