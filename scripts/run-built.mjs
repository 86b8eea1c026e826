// Runs a built program of this repository in the foreground; a signal that ends us ends it too.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from './turbo.mjs';

/**
 * @param {string} file from the root
 * @param {Record<string, string>} [env] besides ours
 * @returns {Promise<number>} its exit code
 */
export async function runBuilt(file, env = {}) {
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', join(root, file), ...process.argv.slice(2)],
    { stdio: 'inherit', env: { ...process.env, ...env } },
  );
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  const [exitCode] = await once(child, 'exit');
  for (const signal of signals) process.off(signal, forward);
  return exitCode ?? 1;
}
