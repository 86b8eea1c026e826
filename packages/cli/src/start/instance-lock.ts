/**
 * One `longrun start` per data directory.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { identify, isAlive } from '@longrun/local-services';
import type { ProcessIdentity } from '@longrun/local-services';

/** Another start holds the data directory; the message says which. */
class AlreadyRunningError extends Error {
  constructor(dataDir: string, pid: number) {
    super(
      `longrun is already running on ${dataDir} (pid ${String(pid)}). Stop it with Ctrl-C or kill ${String(pid)}, or choose another --data-dir.`,
    );
    this.name = 'AlreadyRunningError';
  }
}

/**
 * Takes the lock of a data directory; the lock of a process that is gone is taken over.
 *
 * @returns a function that gives it back
 * @throws AlreadyRunningError when a living process holds it
 */
export function takeInstanceLock(dataDir: string): () => void {
  const file = lockFile(dataDir);
  const own = `${file}.${String(process.pid)}`;
  writeFileSync(own, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    for (;;) {
      if (tryLink(own, file))
        return () => {
          rmSync(file, { force: true });
        };
      const holder = readHolder(file);
      if (holder !== undefined && isAlive(holder)) throw new AlreadyRunningError(dataDir, holder.pid);
      discardStale(file, `${own}.stale`);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * True while a living process holds the lock.
 *
 * @param except a process that does not count: one that has been killed closes its pipes a moment before it is gone
 */
export function isInstanceLocked(dataDir: string, except?: ProcessIdentity): boolean {
  const holder = readHolder(lockFile(dataDir));
  if (holder === undefined || !isAlive(holder)) return false;
  return holder.pid !== except?.pid || holder.startedAt !== except.startedAt;
}

function lockFile(dataDir: string): string {
  return join(dataDir, 'start.lock');
}

/** Moves the stale lock away. Another process may have replaced it in between: a living one is put back. */
function discardStale(file: string, aside: string): void {
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const moved = readHolder(aside);
  if (moved !== undefined && isAlive(moved)) tryLink(aside, file);
  rmSync(aside, { force: true });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
