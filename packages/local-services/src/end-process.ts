/**
 * Ending a process for certain: asks, waits, then insists.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { isAlive } from './process-identity.js';
import type { ProcessIdentity } from './process-identity.js';

const POLL_MS = 20;

/** Signals to send, each with the milliseconds the process has before the next. */
export type EndingSteps = readonly (readonly [signal: NodeJS.Signals, patienceMs: number])[];

/**
 * Sends the signals in turn until the process is gone, and SIGKILL in the end. A stopped process is woken first.
 *
 * @returns false when it was gone already
 * @throws Error when it outlives SIGKILL by 5 s, or belongs to somebody else
 */
export async function endProcess(target: ProcessIdentity, steps: EndingSteps): Promise<boolean> {
  if (!isAlive(target)) return false;
  for (const [signal, patienceMs] of [...steps, ['SIGKILL', 5_000] as const]) {
    signalIfAlive(target, signal);
    // A frozen process keeps every other signal for later.
    signalIfAlive(target, 'SIGCONT');
    if (await goneWithin(target, patienceMs)) return true;
  }
  throw new Error(`Process ${String(target.pid)} does not end.`);
}

/** Sends a signal unless the process is gone. */
export function signalIfAlive(target: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** True when the process is gone before the time is over. */
export async function goneWithin(target: ProcessIdentity, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (isAlive(target)) {
    if (performance.now() >= deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}
