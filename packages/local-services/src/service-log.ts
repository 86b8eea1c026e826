/**
 * The log files of what is started here, under `<data-dir>/logs`.
 */
import { mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A log that has grown beyond this is set aside (`.old`) at the next start. */
const ROTATE_BYTES = 10 * 1024 * 1024;

/** Opens a log for appending; the caller closes the descriptor. */
export function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  try {
    if (statSync(file).size > ROTATE_BYTES) renameSync(file, `${file}.old`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return openSync(file, 'a', 0o600);
}

/** The end of a log, to be shown to somebody; empty when there is none. */
export function lastLines(file: string, count = 15): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}
