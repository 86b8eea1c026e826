/**
 * Starts the guardian of a data directory, and lets it go.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { identify } from '@longrun/local-services';

/** It needs next to nothing. */
const NODE_FLAGS = ['--max-old-space-size=16', '--max-semi-space-size=1'];

/**
 * Starts it.
 *
 * @param patienceMs how long it lets the apps end by themselves
 * @returns a function that lets it go: with nothing left to guard it ends, and the promise resolves
 */
export function spawnGuardian(dataDir: string, patienceMs: number): () => Promise<void> {
  const script = fileURLToPath(new URL('./guardian.js', import.meta.url));
  const { pid, startedAt } = identify(process.pid) ?? { pid: process.pid, startedAt: '' };
  const args = [script, dataDir, String(patienceMs), String(pid), startedAt];
  const guardian = spawn(process.execPath, [...NODE_FLAGS, ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  const exited = new Promise<void>((resolve) => {
    guardian.once('exit', () => {
      resolve();
    });
    guardian.once('error', () => {
      resolve();
    });
  });
  guardian.stdin.on('error', () => undefined);
  return async () => {
    guardian.stdin.end();
    await exited;
  };
}
