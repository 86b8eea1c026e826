/**
 * A file that graphs wait for: whoever opens it decides when they begin.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Gate {
  readonly path: string;
  open(): void;
  remove(): void;
}

export function makeGate(): Gate {
  const folder = mkdtempSync(join(tmpdir(), 'longrun-bench-gate-'));
  const path = join(folder, 'open');
  return {
    path,
    open: () => {
      writeFileSync(path, '');
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
