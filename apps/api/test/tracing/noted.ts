/**
 * What `note-loaded-modules.mjs` has noted of the processes of a stack.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NOTER = fileURLToPath(new URL('./note-loaded-modules.mjs', import.meta.url));

export interface Noted {
  /** For the processes. */
  env: Record<string, string>;
  /** Modules of OpenTelemetry that an app (`api`, `worker`, `sweeper`) has loaded, and ports that it has connected to. */
  of(app: string): { modules: string[]; ports: number[] };
  remove(): void;
}

export function noteLoadedModules(): Noted {
  const folder = mkdtempSync(join(tmpdir(), 'longrun-noted-'));
  return {
    env: { NODE_OPTIONS: `--import=${NOTER}`, NOTED_IN: folder },
    of: (app) => {
      const lines = readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
        .filter(([process]) => process?.includes(`apps/${app}/dist/main`))
        .flat();
      const named = (kind: string): string[] => [
        ...new Set(
          lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1)),
        ),
      ];
      return { modules: named('module').sort(), ports: named('connect').map(Number) };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
