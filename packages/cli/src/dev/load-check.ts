/**
 * Whether the graphs of a langgraph.json load, tried in a process of its own.
 */
import { spawn } from 'node:child_process';
import { sep } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** A module that awaits something for ever must not stop the watch. */
const LIMIT_MS = 60_000;

/** What came of it; `files` are those that were read for it, as far as it got. */
export interface LoadCheck {
  readonly graphs?: readonly string[];
  /** Why they do not load. */
  readonly error?: string;
  /** Variables of `env` that are Longrun's own. */
  readonly refused: readonly string[];
  readonly files: readonly string[];
}

/**
 * Loads everything, and tells. Never throws: a failure is the `error` of its answer. `files` has no packages.
 *
 * @param env of the process, as the api's
 */
export async function checkLoads(
  configPath: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<LoadCheck> {
  const script = fileURLToPath(new URL('./load-check.process.js', import.meta.url));
  const child = spawn(process.execPath, ['--enable-source-maps', script, configPath], {
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    signal,
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let printed = '';
  // Piped, as said above.
  (child.stderr as Readable).setEncoding('utf8').on('data', (text: string) => (printed += text));
  let told: LoadCheck | undefined;
  child.on('message', (message: unknown) => {
    if (typeof message === 'object' && message !== null && 'files' in message) told = message as LoadCheck;
  });
  const ending = await new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('close', (code, end) => {
      resolve(
        end === 'SIGKILL'
          ? `did not load within ${String(LIMIT_MS / 1_000)} s`
          : `ended with ${String(code ?? end)}`,
      );
    });
  });
  if (told === undefined) {
    const error = [`Loading the graphs of ${configPath} ${ending}.`, printed.trim()]
      .filter(Boolean)
      .join('\n');
    return { error, refused: [], files: [] };
  }
  const inPackage = `${sep}node_modules${sep}`;
  return { ...told, files: [...new Set(told.files)].filter((file) => !file.includes(inPackage)) };
}
