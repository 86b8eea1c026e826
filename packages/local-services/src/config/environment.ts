/**
 * What this package reads of the environment. The only file of it that does.
 */

/** Folders in which programs are looked for. */
export function searchPath(): string {
  return process.env['PATH'] ?? '';
}
