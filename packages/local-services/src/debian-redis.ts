/**
 * A Redis server out of Debian's (or Ubuntu's) own packages, downloaded with the libraries that the system lacks and
 * unpacked into a folder. Nothing is installed: apt's state, where it must be refreshed, is a private one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { LocalServiceError } from './local-service.js';

const INSTALL_HINT =
  'Install one (Debian, Ubuntu: sudo apt-get install redis-server; macOS: brew install redis), ' +
  'or name one in REDIS_SERVER_BIN, or set REDIS_URL.';

/**
 * Unpacks the packages below `folder`, unless they are there.
 *
 * @returns a program that starts the server with the unpacked libraries
 * @throws LocalServiceError when this is no such system or the packages cannot be had; the message has the remedy
 */
export async function unpackRedisPackages(folder: string, note: (sentence: string) => void): Promise<string> {
  const root = resolve(folder, 'packages');
  const program = join(root, 'redis-server');
  if (existsSync(program)) return program;
  if ((await run('apt-get', ['--version'])).code !== 0 || (await run('dpkg', ['--version'])).code !== 0) {
    throw new LocalServiceError(`There is no redis-server on this machine. ${INSTALL_HINT}`);
  }
  note(
    `No redis-server on the PATH: downloading the system's package and unpacking it under ${folder}. This takes up to a minute, once.`,
  );
  const unfinished = `${root}.${String(process.pid)}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(join(unfinished, 'debs'), { recursive: true });
  try {
    await download(unfinished, note);
    for (const deb of readdirSync(join(unfinished, 'debs')).filter((name) => name.endsWith('.deb'))) {
      await mustRun('dpkg', ['-x', join(unfinished, 'debs', deb), join(unfinished, 'root')], unfinished);
    }
    writeFileSync(join(unfinished, 'redis-server'), starterScript(), { mode: 0o755 });
    await mustRun(join(unfinished, 'redis-server'), ['--version'], unfinished);
    for (const name of ['debs', 'apt']) rmSync(join(unfinished, name), { recursive: true, force: true });
    renameSync(unfinished, root);
    note('Redis is there.');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LocalServiceError(
      `No Redis: the system's packages could not be unpacked (${reason}). ${INSTALL_HINT}`,
      {
        cause: error,
      },
    );
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return program;
}

/** Downloads the server and its missing libraries; with the system's package lists, or else with fresh private ones. */
async function download(folder: string, note: (sentence: string) => void): Promise<void> {
  const debs = join(folder, 'debs');
  const cache = aptDirectories(folder, false);
  if ((await run('apt-get', [...cache, 'download', 'redis-server'], debs)).code === 0) {
    return downloadRest(cache, debs);
  }
  note('The lists of packages are too old: fetching new ones, into that folder alone.');
  const own = aptDirectories(folder, true);
  await mustRun('apt-get', [...own, 'update'], debs);
  await mustRun('apt-get', [...own, 'download', 'redis-server'], debs);
  return downloadRest(own, debs);
}

async function downloadRest(apt: string[], debs: string): Promise<void> {
  const kinds = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
    (kind) => `--no-${kind}`,
  );
  const tree = await mustRun('apt-cache', [...apt, 'depends', '--recurse', ...kinds, 'redis-server'], debs);
  const names = tree.split('\n').filter((line) => /^[a-z0-9]/.test(line));
  const wanted: string[] = [];
  for (const name of names) {
    // The C library belongs to the system's loader; everything that is no library is for installing only.
    const useful = name === 'redis-tools' || (name.startsWith('lib') && !/^libc6|^libc-/.test(name));
    if (useful && !(await isInstalled(name))) wanted.push(name);
  }
  if (wanted.length === 0 || (await run('apt-get', [...apt, 'download', ...wanted], debs)).code === 0) return;
  // Alternatives are in the list too, and some cannot be had: whether all is there shows when the server is run.
  for (const name of wanted) await run('apt-get', [...apt, 'download', name], debs);
}

async function isInstalled(name: string): Promise<boolean> {
  const { code, output } = await run('dpkg-query', ['-W', '-f', '${Status}', name]);
  return code === 0 && output.includes('install ok installed') && name !== 'redis-tools';
}

function aptDirectories(folder: string, ownLists: boolean): string[] {
  const apt = join(folder, 'apt');
  mkdirSync(join(apt, 'lists', 'partial'), { recursive: true });
  mkdirSync(join(apt, 'cache', 'archives', 'partial'), { recursive: true });
  const options = [`Dir::Cache=${join(apt, 'cache')}`, 'APT::Sandbox::User=root', 'Debug::NoLocking=1'];
  if (ownLists) options.push(`Dir::State::lists=${join(apt, 'lists')}`);
  return options.flatMap((option) => ['-o', option]);
}

/** Works wherever the folder is moved: it finds the libraries from its own place. */
function starterScript(): string {
  return `#!/bin/sh
# Starts the unpacked server with the libraries that were unpacked beside it.
here=$(cd "$(dirname "$0")" && pwd)
libraries=
for folder in "$here"/root/usr/lib "$here"/root/usr/lib/*-linux-* "$here"/root/lib "$here"/root/lib/*-linux-*; do
  [ -d "$folder" ] && libraries="$libraries\${libraries:+:}$folder"
done
LD_LIBRARY_PATH="$libraries\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$here/root/usr/bin/redis-server" "$@"
`;
}

async function mustRun(command: string, args: string[], cwd: string): Promise<string> {
  const { code, output } = await run(command, args, cwd);
  if (code !== 0)
    throw new Error(`${command} ${args.at(-1) ?? ''}: ${output.trim().split('\n').at(-1) ?? 'failed'}`);
  return output;
}

async function run(command: string, args: string[], cwd?: string): Promise<{ code: number; output: string }> {
  const child = spawn(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code: code ?? 1, output };
  } catch (error) {
    return { code: 127, output: String(error) };
  }
}
