/**
 * One more worker of a running stack, with other variables: started from what the kernel says of one that runs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface ClonedWorker {
  readonly pid: number;
  /** kill -9. */
  stop(): Promise<void>;
}

/** @param pid of the worker that is copied */
export async function cloneWorker(
  pid: number,
  changes: Readonly<Record<string, string>>,
): Promise<ClonedWorker> {
  const read = (name: string): string[] =>
    readFileSync(`/proc/${String(pid)}/${name}`, 'utf8')
      .split('\0')
      .filter(Boolean);
  const [program = process.execPath, ...args] = read('cmdline');
  const env = Object.fromEntries(
    read('environ').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const child = spawn(program, args, {
    env: { ...env, HEALTH_PORT: '0', ...changes },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const exited = once(child, 'exit');
  await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('The copy of the worker ended before it was ready.'))),
  ]);
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
