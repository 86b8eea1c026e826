/**
 * What this machine gives: Node.js, open files, a folder to write to.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { judge, reasonOf, type Finding } from './finding.js';

/** Lowest minor version by major version; a major version after the last is well. Source: `engines` of package.json. */
const NODE_VERSIONS: readonly (readonly [number, number])[] = [
  [20, 19],
  [22, 12],
  [24, 0],
];
/** An api holds a file for each open stream, beside its connections. */
const OPEN_FILES = 4_096;

/** @param version as in `process.versions.node` */
export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const lowest = NODE_VERSIONS.find(([known]) => known === major);
  return judge({
    check: 'node',
    isWell: lowest === undefined ? major > 24 : minor >= lowest[1],
    what: `Node.js is ${version}.`,
    value: version,
    remedy: 'Install Node.js 20.19 or later, 22.12 or later, or 24 or later.',
  });
}

export function checkOpenFiles(): Finding {
  // Node.js has raised its own limit as far as it may, and hands it down.
  const { status, stdout } = spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' });
  const limit = stdout === 'unlimited\n' ? Number.MAX_SAFE_INTEGER : Number(stdout);
  if (status !== 0 || !(limit > 0)) {
    return {
      check: 'open-files',
      status: 'skipped',
      what: 'This system does not tell its limit of open files.',
    };
  }
  return judge({
    check: 'open-files',
    isWell: limit >= OPEN_FILES,
    what: `A process may open ${String(limit)} files; an api needs one for each open stream.`,
    value: limit,
    remedy: `Raise it to ${String(OPEN_FILES)} or more: ulimit -n, LimitNOFILE= of systemd, ulimits of Docker.`,
  });
}

/** Writes into the folder, or where it would be made. */
export function checkDataFolder(dataDir: string): Finding {
  let folder = dataDir;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  let reason = '';
  try {
    rmSync(mkdtempSync(join(folder, '.longrun-doctor-')), { recursive: true });
  } catch (error) {
    reason = reasonOf(error);
  }
  return judge({
    check: 'data-folder',
    isWell: reason === '',
    what: reason === '' ? `${dataDir} can be written to.` : `${dataDir} cannot be written to: ${reason}.`,
    value: dataDir,
    remedy: 'Give it to the user who runs longrun, or choose another folder with --data-dir.',
  });
}
