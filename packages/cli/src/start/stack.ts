/**
 * `<data-dir>/stack.json`: what is running, for people, scripts and tests.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Every pid is that of the process that does the work; null for a database that was given by URL. The `url` of a worker and of a
 * sweeper serves health and metrics.
 */
export interface Stack {
  readonly apis: { pid: number; url: string }[];
  readonly workers: { pid: number; id: string; url: string }[];
  readonly sweepers: { pid: number; url: string }[];
  /** null in single mode. */
  readonly redis: { url: string; pid: number | null } | null;
  readonly postgres: { url: string; pid: number | null };
}

/** Where the file of a data directory is. */
export function stackFile(dataDir: string): string {
  return join(dataDir, 'stack.json');
}

/** Replaces the file atomically; it holds passwords, so only its owner may read it. */
export function writeStack(dataDir: string, stack: Stack): void {
  const file = stackFile(dataDir);
  const next = `${file}.${String(process.pid)}`;
  writeFileSync(next, `${JSON.stringify(stack)}\n`, { mode: 0o600 });
  renameSync(next, file);
}

/** Nothing is running any more. */
export function removeStack(dataDir: string): void {
  rmSync(stackFile(dataDir), { force: true });
}
