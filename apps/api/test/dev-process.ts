/**
 * `longrun dev` or `longrun start --mode single` as a process, on data that stays when it ends.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { identify, goneWithin, signalIfAlive } from '@longrun/local-services';
import { waitUntil } from '@longrun/testing';
import type { TestStack } from '@longrun/test-stack';

const MAIN = fileURLToPath(new URL('../../../packages/cli/dist/main.js', import.meta.url));

export interface SingleProcess {
  /** As it is now: the api has another pid once it has been replaced. */
  api(): { pid: number; url: string };
  /** Everything printed beside the result. */
  output(): string;
  /** Ends it as Ctrl-C does. Resolves with the exit code. */
  interrupt(): Promise<number>;
  /** Kills the command and its api at once, and waits until both are gone. */
  kill(): Promise<void>;
}

/** Starts a command; resolves when it is ready. */
export async function startSingle(
  command: readonly string[],
  { config, dataDir }: { config: string; dataDir: string },
): Promise<SingleProcess> {
  const where = ['--config', config, '--data-dir', dataDir, '--port', '0', '--json'];
  const { DATABASE_URL: _database, ...env } = process.env;
  const child = spawn(process.execPath, [MAIN, ...command, ...where], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let printed = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? -1);
  let ready = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (ready += text));
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  await waitUntil(() => hasEnded || ready.includes('\n'), {
    timeoutMs: 90_000,
    message: 'the command to be ready',
  });
  if (hasEnded) throw new Error(`The command ended:\n${printed}`);
  const api = (): { pid: number; url: string } => {
    const [first] = (JSON.parse(readFileSync(join(dataDir, 'stack.json'), 'utf8')) as TestStack['info']).apis;
    if (!first) throw new Error('There is no api.');
    return first;
  };
  return {
    api,
    output: () => printed,
    interrupt: () => {
      child.kill('SIGINT');
      return ended;
    },
    kill: async () => {
      const identity = identify(api().pid);
      child.kill('SIGKILL');
      if (identity) signalIfAlive(identity, 'SIGKILL');
      await ended;
      if (identity) await goneWithin(identity, 10_000);
    },
  };
}
