/**
 * Services that live only as long as a test.
 */
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Settings of a Postgres whose data nobody needs after a power failure: much faster, and no less correct. */
export const VOLATILE_POSTGRES: Readonly<Record<string, string>> = {
  fsync: 'off',
  full_page_writes: 'off',
};

/**
 * A new folder for the data of services; the caller removes it. Others may pass through it, since root's Postgres
 * runs as another user; what is secret in it is protected by its own mode.
 */
export function makeTemporaryDataDir(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(folder, 0o755);
  return folder;
}
