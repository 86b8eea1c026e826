// Runs turbo without its daemon, telemetry and update check: nothing here may need a network or stay behind.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const environment = {
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  TURBO_DAEMON: 'false',
  DO_NOT_TRACK: '1',
};

/**
 * Runs turbo in the root; a signal that ends us ends it too.
 *
 * @param {string[]} args
 * @param {{ quiet?: boolean, env?: Record<string, string> }} [options] quiet: show the output only when it fails
 * @returns {Promise<number>} its exit code
 */
export async function turbo(args, { quiet = false, env = {} } = {}) {
  const program = createRequire(import.meta.url).resolve('turbo/bin/turbo');
  const [command, ...rest] = args;
  const child = spawn(process.execPath, [program, command, '--env-mode=loose', ...rest], {
    cwd: root,
    env: { ...process.env, ...environment, PATH: pathWithPnpm(), ...env },
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  });
  const output = [];
  child.stdout?.on('data', (data) => output.push(data));
  child.stderr?.on('data', (data) => output.push(data));
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      output.push(String(error));
      resolve(1);
    });
    child.on('close', (exitCode) => resolve(exitCode ?? 1));
  });
  for (const signal of signals) process.off(signal, forward);
  if (quiet && code !== 0) process.stderr.write(output.join(''));
  return code;
}

/** turbo calls pnpm, which may be here only through npx. */
function pathWithPnpm() {
  const path = process.env.PATH ?? '';
  if (path.split(delimiter).some((folder) => existsSync(join(folder, 'pnpm')))) return path;
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const folder = join(root, 'node_modules', '.cache', 'pnpm-through-npx');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'pnpm'), `#!/bin/sh\nexec npx -y ${packageManager} "$@"\n`, { mode: 0o755 });
  return [path, folder].join(delimiter);
}
