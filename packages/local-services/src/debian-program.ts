/**
 * A program out of Debian's (or Ubuntu's) own packages, downloaded with the libraries that the system lacks and
 * unpacked into a folder. Nothing is installed: apt's state, where it must be refreshed, is a private one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A program of a package. */
export interface DebianProgram {
  /** The package, also the name of what starts the program. */
  readonly name: string;
  /** Where the program is in it, as in `usr/sbin/pgbouncer`. */
  readonly path: string;
  /** Packages that it needs besides libraries: by name, or those of its dependencies that match. */
  readonly companions?: readonly (string | RegExp)[];
  /** What shows that it runs. Default: `--version`. */
  readonly versionArgument?: string;
}

/**
 * Unpacks the package and what it needs below `folder`, unless it is there.
 *
 * @returns a program that starts the wanted one with the unpacked libraries
 * @throws Error when this is no such system or the packages cannot be had
 */
export async function unpackDebianProgram(
  wanted: DebianProgram,
  folder: string,
  note: (sentence: string) => void,
): Promise<string> {
  const root = resolve(folder, 'packages');
  const program = join(root, wanted.name);
  if (existsSync(program)) return program;
  if ((await run('apt-get', ['--version'])).code !== 0 || (await run('dpkg', ['--version'])).code !== 0) {
    throw new NoDebianError();
  }
  note(
    `No ${wanted.name} on the PATH: downloading the system's package and unpacking it under ${folder}. This takes up to a minute, once.`,
  );
  const unfinished = `${root}.${String(process.pid)}`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(join(unfinished, 'debs'), { recursive: true });
  try {
    await download(wanted, unfinished, note);
    for (const deb of readdirSync(join(unfinished, 'debs')).filter((name) => name.endsWith('.deb'))) {
      await mustRun('dpkg', ['-x', join(unfinished, 'debs', deb), join(unfinished, 'root')], unfinished);
    }
    const starter = join(unfinished, wanted.name);
    writeFileSync(starter, starterScript(wanted.path), { mode: 0o755 });
    await mustRun(starter, [wanted.versionArgument ?? '--version'], unfinished);
    for (const name of ['debs', 'apt']) rmSync(join(unfinished, name), { recursive: true, force: true });
    renameSync(unfinished, root);
    note(`${wanted.name} is there.`);
    return program;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** This system has no packages of Debian's kind. */
export class NoDebianError extends Error {
  override readonly name = 'NoDebianError';

  constructor() {
    super('this system has no apt-get and dpkg');
  }
}

/** Downloads the package and its missing libraries; with the system's package lists, or else with fresh private ones. */
async function download(
  wanted: DebianProgram,
  folder: string,
  note: (sentence: string) => void,
): Promise<void> {
  const debs = join(folder, 'debs');
  const cache = aptDirectories(folder, false);
  if ((await run('apt-get', [...cache, 'download', wanted.name], debs)).code === 0) {
    return downloadRest(wanted, cache, debs);
  }
  note('The lists of packages are too old: fetching new ones, into that folder alone.');
  const own = aptDirectories(folder, true);
  await mustRun('apt-get', [...own, 'update'], debs);
  await mustRun('apt-get', [...own, 'download', wanted.name], debs);
  return downloadRest(wanted, own, debs);
}

async function downloadRest(program: DebianProgram, apt: string[], debs: string): Promise<void> {
  const kinds = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
    (kind) => `--no-${kind}`,
  );
  const tree = await mustRun('apt-cache', [...apt, 'depends', '--recurse', ...kinds, program.name], debs);
  const { companions = [] } = program;
  const names = tree.split('\n').filter((line) => /^[a-z0-9]/.test(line));
  const wanted = companions.filter((companion) => typeof companion === 'string');
  for (const name of names) {
    // The C library belongs to the system's loader; everything that is no library is for installing only.
    if (wanted.includes(name)) continue;
    const isCompanion = companions.some((companion) => companion instanceof RegExp && companion.test(name));
    const isLibrary = name.startsWith('lib') && !/^libc6|^libc-(bin|l10n|dev)/.test(name);
    if (isCompanion || (isLibrary && !(await isInstalled(name)))) wanted.push(name);
  }
  if (wanted.length === 0 || (await run('apt-get', [...apt, 'download', ...wanted], debs)).code === 0) return;
  // Alternatives are in the list too, and some cannot be had: whether all is there shows when the server is run.
  for (const name of wanted) await run('apt-get', [...apt, 'download', name], debs);
}

async function isInstalled(name: string): Promise<boolean> {
  const { code, output } = await run('dpkg-query', ['-W', '-f', '${Status}', name]);
  return code === 0 && output.includes('install ok installed');
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
function starterScript(path: string): string {
  return `#!/bin/sh
# Starts the unpacked program with the libraries that were unpacked beside it.
here=$(cd "$(dirname "$0")" && pwd)
libraries=
for folder in "$here"/root/usr/lib "$here"/root/usr/lib/*-linux-* "$here"/root/lib "$here"/root/lib/*-linux-*; do
  [ -d "$folder" ] && libraries="$libraries\${libraries:+:}$folder"
done
LD_LIBRARY_PATH="$libraries\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$here/root/${path}" "$@"
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
