/**
 * Runs the commands of a page as its reader would: one after the other in one shell, which is told nothing but what the page says.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { FencedBlock } from '@longrun/testing';

/** One block must be done within this time. */
const BLOCK_LIMIT_MS = 60_000;
/** How long what a failed page has left running may take to stop. */
const STOP_LIMIT_MS = 20_000;

export interface PageRun {
  /** What each block printed, in order. */
  readonly printed: string[];
  /** The block that failed and why; undefined when all went well. */
  readonly failure: string | undefined;
}

/**
 * @param blocks in the order of the page
 * @param options `folder`: where the shell starts; `outputs`: a folder for what is printed; `env`: all that the shell knows;
 *   `blockLimitMs`: default 60,000
 */
export async function runBlocks(
  blocks: readonly FencedBlock[],
  {
    folder,
    outputs,
    env,
    blockLimitMs = BLOCK_LIMIT_MS,
  }: { folder: string; outputs: string; env: NodeJS.ProcessEnv; blockLimitMs?: number },
): Promise<PageRun> {
  const file = (index: number, stream: 'out' | 'err'): string => join(outputs, `${index}.${stream}`);
  const steps = blocks.map(
    ({ text }, index) =>
      `echo ${index} >&3\nexec > '${file(index, 'out')}' 2> '${file(index, 'err')}'\n${text}`,
  );
  const script = join(outputs, 'page.sh');
  writeFileSync(script, `set -euo pipefail\n${steps.join('\n')}\n`);
  // A file and no pipe: what a page leaves running keeps it open.
  const began = openSync(join(outputs, 'began'), 'w');
  const child = spawn('bash', [script], {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', began],
  });
  closeSync(began);
  const ended = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => code ?? signal);
  const current = (): number => readFileSync(join(outputs, 'began'), 'utf8').split('\n').length - 2;
  const late = watch(current, blockLimitMs, () => signalGroup(child.pid, 'SIGTERM'));
  const code = await ended;
  clearInterval(late.timer);
  await endGroup(child.pid);
  const last = current();
  const printed = blocks.slice(0, last + 1).map((_, index) => readFileSync(file(index, 'out'), 'utf8'));
  if (code === 0) return { printed, failure: undefined };
  const reason = late.isLate()
    ? `was not done after ${blockLimitMs} ms`
    : `ended with ${code ?? 'no exit code'}`;
  const said = printed[last] ?? '';
  const errors = last < 0 ? '' : readFileSync(file(last, 'err'), 'utf8');
  return { printed, failure: `the block of line ${blocks[last]?.line ?? 0} ${reason}:\n${said}${errors}` };
}

/** Calls `onLate` when a block takes too long. */
function watch(
  current: () => number,
  limitMs: number,
  onLate: () => void,
): { timer: NodeJS.Timeout; isLate: () => boolean } {
  let [block, since, isLate] = [current(), performance.now(), false];
  const timer = setInterval(() => {
    const now = current();
    if (now !== block) [block, since] = [now, performance.now()];
    if (isLate || performance.now() - since < limitMs) return;
    isLate = true;
    onLate();
  }, 100);
  return { timer, isLate: () => isLate };
}

/** Nothing that a page started outlives it, in order if it can be. */
async function endGroup(pid: number | undefined): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  const deadline = performance.now() + STOP_LIMIT_MS;
  while (signalGroup(pid, 0) && performance.now() < deadline)
    await new Promise((done) => setTimeout(done, 50));
  signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
