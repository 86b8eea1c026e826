/**
 * Runs `longrun start` or `longrun dev` as a process of its own, over the stand-ins, and waits for what it announces.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, watch } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Stack } from '../src/start/stack.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export interface StartProcess {
  readonly child: ChildProcess;
  /** Everything printed so far. */
  readonly output: { stdout: string; stderr: string };
  /** Resolves with the printed stack; rejects when the process ends before. */
  readonly ready: Promise<Stack>;
  /** Resolves with the exit code, or the signal. */
  readonly ended: Promise<number | string>;
  /** Resolves when something printed matches. */
  printed(pattern: RegExp): Promise<void>;
}

export function runStart(args: string[], env: Record<string, string>): StartProcess {
  return runCommand(['start', ...args], env);
}

export function runCommand(args: string[], env: Record<string, string>): StartProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], REDIS_SERVER_BIN: process.env['REDIS_SERVER_BIN'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(
    ([code, signal]: (number | string)[]) => code ?? signal ?? 'unknown',
  );
  const printed = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (!pattern.test(output.stdout + output.stderr)) return;
        listeners.delete(check);
        resolve();
      };
      listeners.add(check);
      check();
      void ended.then(() => {
        reject(new Error(`start ended without printing ${String(pattern)}:\n${output.stderr}`));
      });
    });
  const ready = printed(/^\{"apis.*\}$/m).then(() => JSON.parse(output.stdout) as Stack);
  ready.catch(() => undefined);
  return { child, output, ready, ended, printed };
}

/** Resolves as soon as stack.json says what is expected. */
export function stackWhere(dataDir: string, condition: (stack: Stack) => boolean): Promise<Stack> {
  return new Promise((resolve) => {
    const watcher = watch(dataDir, check);
    function check(): void {
      const file = `${dataDir}/stack.json`;
      if (!existsSync(file)) return;
      const stack = JSON.parse(readFileSync(file, 'utf8')) as Stack;
      if (!condition(stack)) return;
      watcher.close();
      resolve(stack);
    }
    check();
  });
}
