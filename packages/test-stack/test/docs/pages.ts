/**
 * Which pages there are, and what their commands find: the folders that the page is about, and what the page tells its reader to set.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { fencedBlocks, type FencedBlock } from '@longrun/testing';

export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** Why a block of commands is not run here. */
export const REASONS: Readonly<Record<string, string>> = {
  bench: 'takes minutes of measuring',
  ci: 'is about the whole repository; .ci/run runs it or what it consists of',
  cluster: 'needs Kubernetes',
  destructive: 'deletes what the reader has',
  engine: 'needs a container engine',
  host: 'needs a machine that was set up as the page says',
  interactive: 'stays in the foreground',
  network: 'installs packages from a registry',
  secret: 'holds what only the reader knows',
};

export interface Page {
  /** Relative to the repository. */
  readonly name: string;
  readonly blocks: readonly FencedBlock[];
}

/** The pages whose commands are run. */
export function readPages(): Page[] {
  // What the examples have left is something to work on.
  const folders = ['examples', 'docs', 'infra', 'benchmarks'];
  const found = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
      .sort()
      .map((file) => join(folder, file)),
  );
  return ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', ...found].map((name) => ({
    name,
    blocks: fencedBlocks(readFileSync(join(ROOT, name), 'utf8')),
  }));
}
