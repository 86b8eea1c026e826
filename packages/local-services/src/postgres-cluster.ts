/**
 * Making a cluster, and clearing what a killed server left in it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { endProcess } from './end-process.js';
import { LocalServiceError } from './local-service.js';
import { giveTo } from './postgres-account.js';
import type { PostgresHome } from './postgres-account.js';
import { commandLine, identify } from './process-identity.js';

/** How a Postgres server ends: fast, then immediately. */
export const POSTGRES_ENDING = [
  ['SIGINT', 10_000],
  ['SIGQUIT', 5_000],
] as const;

/** Creates the cluster unless it exists, and says so before. Killed half-way, it starts over the next time. */
export async function ensureCluster(
  home: PostgresHome,
  password: string,
  note: (sentence: string) => void,
): Promise<void> {
  const { clusterDir } = home;
  if (existsSync(join(clusterDir, 'PG_VERSION'))) return;
  note(`Making a Postgres in ${clusterDir}: a few seconds, this once.`);
  const parent = dirname(clusterDir);
  const prefix = `.${basename(clusterDir)}-`;
  for (const name of readdirSync(parent)) {
    if (name.startsWith(prefix)) rmSync(join(parent, name), { recursive: true, force: true });
  }
  const unfinished = join(parent, `${prefix}${String(process.pid)}`);
  const passwordFile = `${unfinished}.password`;
  // initdb itself runs as the other user, so that user must own the folder before.
  mkdirSync(unfinished, { mode: 0o700 });
  giveTo(home, unfinished);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  giveTo(home, passwordFile);
  try {
    await runInitdb(home, unfinished, passwordFile);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(unfinished, clusterDir);
}

/** Ends a server that an earlier, killed owner left behind, and removes its pid file and sockets when they are stale. */
export async function clearLeftovers(clusterDir: string): Promise<void> {
  await endLeftServer(clusterDir);
  if (!existsSync(clusterDir)) return;
  for (const name of readdirSync(clusterDir)) {
    if (name.startsWith('.s.PGSQL.')) rmSync(join(clusterDir, name), { force: true });
  }
}

async function endLeftServer(clusterDir: string): Promise<void> {
  const pidFile = join(clusterDir, 'postmaster.pid');
  let pid: number;
  try {
    pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
  } catch {
    return;
  }
  const identity = identify(pid);
  // Pids are given out again: only a postgres of this very cluster is ours.
  if (identity !== undefined && commandLine(pid).includes(clusterDir))
    await endProcess(identity, POSTGRES_ENDING);
  rmSync(pidFile, { force: true });
}

async function runInitdb(home: PostgresHome, folder: string, passwordFile: string): Promise<void> {
  const initdb = spawn(
    join(home.programs, 'bin', 'initdb'),
    [
      `--pgdata=${folder}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      ...(hasBuiltinLocales(home) ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : []),
      // What initdb itself has written is made durable by the first checkpoint; nothing is lost if it is killed now.
      '--no-sync',
    ],
    { ...home.account, cwd: dirname(folder), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [initdb.stdout, initdb.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(initdb, 'close')) as [number | null];
  if (code !== 0) {
    throw new LocalServiceError(`Postgres could not make its cluster in ${folder}:\n${output.trim()}`);
  }
}

/** Postgres has locales of its own, which no library of the system changes, since version 17. */
function hasBuiltinLocales(home: PostgresHome): boolean {
  const { stdout } = spawnSync(join(home.programs, 'bin', 'initdb'), ['--version'], {
    ...home.account,
    cwd: '/',
    encoding: 'utf8',
  });
  return Number(/\d+/.exec(stdout)?.[0]) >= 17;
}
