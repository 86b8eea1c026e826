/**
 * The life of a data directory in use: the lock, what an earlier owner left behind, the stack, and the end of it all.
 */
import { mkdirSync } from 'node:fs';

import type { Environment } from '../config/environment.js';
import { STOP_MARGIN_MS } from './apps.js';
import { takeInstanceLock } from './instance-lock.js';
import { ProcessLedger } from './process-ledger.js';
import { Session } from './session.js';
import type { SessionOptions } from './session.js';
import { spawnGuardian } from './spawn-guardian.js';
import { removeStack } from './stack.js';
import type { Stack } from './stack.js';
import { StopRequest } from './stop-request.js';

/** Exit code when somebody insisted: everything was killed. Source: 128 + SIGINT, as shells count. */
const KILLED = 130;

/** What becomes of a stack that is up. */
export interface SessionUse {
  readonly options: SessionOptions;
  readonly environment: Environment;
  /** Told what happened, in one sentence. */
  note(sentence: string): void;
  /**
   * Called when everything is ready.
   *
   * @returns what ends its doings, called when everything is being stopped; or nothing
   */
  whenUp(session: Session, stack: Stack): Promise<(() => Promise<void>) | void>;
}

/**
 * Brings a stack up, and keeps it up until somebody wants it stopped.
 *
 * @returns the exit code: 0 when it was stopped, 130 when it was made to stop at once
 * @throws Error with a clear message when the stack cannot be started
 */
export async function runSession(use: SessionUse): Promise<number> {
  const { options, environment, note } = use;
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
      untilStopped(session, stop, use).then(() => false),
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

async function untilStopped(session: Session, stop: StopRequest, use: SessionUse): Promise<void> {
  let end: (() => Promise<void>) | void = undefined;
  try {
    const up = session.bringUp();
    // Stopped in the middle of the start: what becomes of it does not matter any more.
    up.catch(() => undefined);
    const stack = await Promise.race([up, stop.requested]);
    if (typeof stack === 'object') end = await use.whenUp(session, stack);
    const reason = await stop.requested;
    use.note(`Stopping (${reason}); once more kills at once.`);
  } finally {
    await Promise.all([end?.(), session.takeDown()]);
  }
}
