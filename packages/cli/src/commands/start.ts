/**
 * `longrun start`: the whole system on one machine, from the lock on the data directory to the last process's end.
 */
import { mkdirSync } from 'node:fs';

import { readEnvironment } from '../config/environment.js';
import { repositoryRoot, STOP_MARGIN_MS } from '../start/apps.js';
import { takeInstanceLock } from '../start/instance-lock.js';
import { ProcessLedger } from '../start/process-ledger.js';
import { listAssistants, readyReport } from '../start/ready-report.js';
import { Session } from '../start/session.js';
import { removeStack } from '../start/stack.js';
import { spawnGuardian } from '../start/spawn-guardian.js';
import { StopRequest } from '../start/stop-request.js';
import { parseStartOptions, START_HELP } from './start-options.js';
import type { StartOptions } from './start-options.js';

/** Exit code when somebody insisted: everything was killed. Source: 128 + SIGINT, as shells count. */
const KILLED = 130;

/**
 * Runs until it is told to stop.
 *
 * @returns the exit code: 0 when it was stopped, 130 when it was made to stop at once
 * @throws UsageError for wrong options; Error with a clear message when the stack cannot be started
 */
export async function start(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(START_HELP);
    return 0;
  }
  const environment = readEnvironment();
  const options = parseStartOptions(args, repositoryRoot(), environment.port);
  const stop = new StopRequest();
  mkdirSync(options.dataDir, { recursive: true });
  const unlock = takeInstanceLock(options.dataDir);
  const ledger = new ProcessLedger(options.dataDir);
  const dismissGuardian = spawnGuardian(options.dataDir, environment.drainGraceMs + STOP_MARGIN_MS);
  try {
    removeStack(options.dataDir);
    const leftovers = await ledger.endLeftovers();
    if (leftovers.length > 0) note(`Ended what an earlier start had left behind: ${leftovers.join(', ')}.`);
    const session = new Session(options, environment, ledger, note);
    const killed = await Promise.race([
      runSession(session, stop, options).then(() => false),
      stop.insisted.then(() => true),
    ]);
    if (!killed) return 0;
    note('Killing everything.');
    await ledger.killAll();
    removeStack(options.dataDir);
    return KILLED;
  } finally {
    await dismissGuardian();
    unlock();
    stop.dispose();
  }
}

async function runSession(session: Session, stop: StopRequest, options: StartOptions): Promise<void> {
  try {
    const up = session.bringUp();
    // Stopped in the middle of the start: what becomes of it does not matter any more.
    up.catch(() => undefined);
    const stack = await Promise.race([up, stop.requested]);
    if (typeof stack === 'object') {
      if (options.json) console.log(JSON.stringify(stack));
      else console.log(readyReport(stack, await listAssistants(stack.apis[0]?.url ?? ''), options.dataDir));
    }
    const reason = await stop.requested;
    note(`Stopping (${reason}); once more kills at once.`);
  } finally {
    await session.takeDown();
  }
}

/** Notes go to stderr: stdout is for what somebody may want to read by program. */
function note(sentence: string): void {
  console.error(`longrun: ${sentence}`);
}
