/**
 * The Chromium that the browser tests drive: the one on the PATH, or else Debian's package, which only root can install.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const INSTALL_TIMEOUT_MS = 180_000;

/** A program, or a sentence that says why there is none. */
export type FoundChromium = { program: string } | { missing: string };

/** Blocks until it is found or installed, at most three minutes: whether to skip must be known before the tests are. */
export function findChromium(): FoundChromium {
  const found = onPath();
  if (found !== undefined) return { program: found };
  const missing = (why: string) => ({ missing: `There is no Chromium on this machine, and ${why}.` });
  if (process.getuid?.() !== 0) return missing('only root can install it (apt-get install chromium)');
  const deadline = performance.now() + INSTALL_TIMEOUT_MS;
  console.log("No Chromium on the PATH: installing the system's package.");
  // Lists that are there may be old or empty; a failed refresh shows in what follows.
  aptGet(['update'], deadline);
  const failure = aptGet(['install', '-y', '--no-install-recommends', 'chromium'], deadline);
  if (failure !== undefined) return missing(`the system's package could not be installed (${failure})`);
  const program = onPath();
  return program === undefined ? missing('the package called chromium brings none') : { program };
}

function onPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What went wrong, in one line; undefined when nothing did. */
function aptGet(args: string[], deadline: number): string | undefined {
  const timeout = Math.max(1_000, Math.round(deadline - performance.now()));
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, error, stderr } = spawnSync('apt-get', args, { timeout, env, encoding: 'utf8' });
  if (status === 0) return undefined;
  return error?.message ?? stderr.trim().split('\n').at(-1) ?? 'failed';
}
