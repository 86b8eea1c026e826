/**
 * Who runs Postgres, and where its cluster lives. Postgres refuses to run as root; so root runs it as another user, who
 * must be able to reach the cluster and the programs. Nobody's folder permissions are changed for that.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { LocalServiceError } from './local-service.js';
import { copyPostgres, embeddedPostgresFolder } from './postgres-binaries.js';

/** Users to run as, in this order: existing ones, so that the system stays as it is. */
const USERS = ['postgres', 'nobody'];

/** Everything that depends on who runs the server. */
export interface PostgresHome {
  /** Set when the server must run as another user. */
  readonly account?: { uid: number; gid: number };
  /** Folder of the cluster; its parent exists. */
  readonly clusterDir: string;
  /** Folder with `bin/`. */
  readonly programs: string;
}

/**
 * Decides where the cluster of a data directory lives.
 *
 * @throws LocalServiceError when root finds no user to run as, or a folder of the fallback belongs to somebody else
 */
export function findPostgresHome(dataDir: string, note: (sentence: string) => void): PostgresHome {
  const clusterDir = join(resolve(dataDir), 'postgres');
  const programs = embeddedPostgresFolder();
  if (process.getuid?.() !== 0) return { clusterDir, programs };
  const account = findAccount();
  const home = { account, clusterDir, programs };
  if (!canReach(account, dirname(clusterDir))) {
    const fallback = fallbackFor(clusterDir);
    home.clusterDir = join(fallback, 'postgres');
    note(
      `Postgres must not run as root and its user cannot reach ${dataDir}, so its data is in ${fallback}.`,
    );
  }
  if (!canReach(account, join(programs, 'bin'))) {
    // One copy for all clusters; the path of the original names its version.
    home.programs = copyPostgres(programs, join(fallbackFor(programs), 'programs'));
  }
  return home;
}

/** Makes a file or folder belong to whoever runs Postgres. */
export function giveTo(home: PostgresHome, path: string): void {
  if (home.account !== undefined) chownSync(path, home.account.uid, home.account.gid);
}

function findAccount(): { uid: number; gid: number } {
  for (const user of USERS) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, user], { encoding: 'utf8' }));
    if (uid?.status === 0 && gid?.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new LocalServiceError(
    `Postgres must not run as root, and none of the users ${USERS.join(', ')} exists. Run "useradd postgres" once, or set DATABASE_URL.`,
  );
}

function canReach(account: { uid: number; gid: number }, folder: string): boolean {
  return spawnSync('test', ['-x', folder], { ...account, cwd: '/' }).status === 0;
}

/**
 * A folder that everybody can enter, for something that belongs to `original`. Its name can be foreseen and anybody may
 * write to /var/tmp: a folder of somebody else's is not used.
 */
function fallbackFor(original: string): string {
  const hash = createHash('sha256').update(original).digest('hex').slice(0, 16);
  const path = join('/var/tmp', `longrun-${hash}`);
  mkdirSync(path, { recursive: true, mode: 0o755 });
  const stat = lstatSync(path);
  if (!stat.isDirectory() || stat.uid !== 0) {
    throw new LocalServiceError(
      `${path} exists and does not belong to root. Remove it, or choose another --data-dir.`,
    );
  }
  return path;
}
