/**
 * A small process that outlives a `longrun start` which was killed: the apps notice that by themselves, databases do
 * not. Killing a package manager can kill everything below it, so nothing inside `start` could do this.
 *
 * Run as a program: `guardian.js <data-dir> <patience in ms> <pid of start> <when it began>`; its stdin ends when `start` does.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import type { ProcessIdentity } from '@longrun/local-services';

import { isInstanceLocked } from './instance-lock.js';
import { ProcessLedger } from './process-ledger.js';
import { removeStack } from './stack.js';

const POLL_MS = 200;

const [dataDir = '', patience = '0', pid = '0', startedAt = ''] = process.argv.slice(2);
process.stdin.resume();
process.stdin.once('end', () => {
  void cleanUp(dataDir, Number(patience), { pid: Number(pid), startedAt }).finally(() => process.exit());
});

/** Gives the apps the time that an orderly stop would have given them, then ends everything. */
async function cleanUp(folder: string, patienceMs: number, owner: ProcessIdentity): Promise<void> {
  const ledger = new ProcessLedger(folder);
  const deadline = performance.now() + patienceMs;
  while (ledger.hasLiving('app') && performance.now() < deadline) {
    // The next start has come first, and cleans up itself.
    if (isInstanceLocked(folder, owner)) return;
    await sleep(POLL_MS);
  }
  if (!ledger.hasLiving() || isInstanceLocked(folder, owner)) return;
  await ledger.endLeftovers();
  if (!isInstanceLocked(folder, owner)) removeStack(folder);
}
