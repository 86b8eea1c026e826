/**
 * What this package reads of the environment. The only file of it that does.
 */

/** Folders in which programs are looked for. */
export function searchPath(): string {
  return process.env['PATH'] ?? '';
}

/** Folder with the `bin/`, `lib/` and `share/` of another Postgres than the embedded one; for tests of other versions. */
export function postgresFolder(): string | undefined {
  const folder = process.env['LONGRUN_POSTGRES_FOLDER'];
  return folder === '' ? undefined : folder;
}
