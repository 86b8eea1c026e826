/**
 * A contender that is a script of ours in a process of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { signalProcessTree } from '@longrun/testing';

export interface HelperProcess {
  readonly pid: number;
  readonly exited: Promise<unknown>;
  /** kill -9 of it and of everything below it: it has nothing to save. */
  stop(): Promise<void>;
}

/**
 * Starts `src/contenders/<script>` (as it was built). It ends when this process does: its channel closes.
 *
 * @param logFile gets what it prints
 */
export function startHelper(script: string, args: readonly string[], logFile: string): HelperProcess {
  const log = openSync(logFile, 'a');
  const file = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  const exited = once(child, 'exit');
  const { pid } = child;
  if (pid === undefined) throw new Error(`${script} was not started.`);
  return {
    pid,
    exited,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) signalProcessTree(pid, 'SIGKILL');
      await exited;
    },
  };
}
