/**
 * The options of `longrun start`.
 */
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { API_PORT } from '@longrun/contracts';

import { integerOption } from './integer-option.js';
import { parseOptions } from './parse-options.js';
import { UsageError } from './usage-error.js';

/** Options after their check. */
export interface StartOptions {
  /** Absolute path of langgraph.json. */
  readonly configPath: string;
  /** Port of the first api; 0 takes any free one. */
  readonly port: number;
  /** The port was asked for, so that a taken one is an error. */
  readonly portRequired: boolean;
  readonly workers: number;
  readonly apis: number;
  readonly sweepers: number;
  /** Absolute path. */
  readonly dataDir: string;
  readonly mode: 'stack' | 'single';
  /** Print the stack as one line of JSON instead of words. */
  readonly json: boolean;
  /** Start again what has died. */
  readonly restart: boolean;
}

/** Shown by `longrun start --help`. */
export const START_HELP = `longrun start [options]: Postgres, Redis, api, workers and sweeper on this machine

  --config <file>     the langgraph.json to serve (examples/langgraph.json)
  --port <n>          port of the api (${String(API_PORT)}; PORT counts as well); 0 takes any free one
  --workers <n>       worker processes (2)
  --apis <n>          api processes, each on its own port (1)
  --sweepers <n>      sweeper processes (1)
  --data-dir <folder> where databases, logs and stack.json live (.longrun)
  --mode <mode>       stack, or single: one process without Redis (stack)
  --json              print the stack as one line of JSON when it is ready
  --no-restart        leave a process that died dead`;

const MAX_PROCESSES = 64;

const OPTIONS = {
  config: { type: 'string' },
  port: { type: 'string' },
  workers: { type: 'string' },
  apis: { type: 'string' },
  sweepers: { type: 'string' },
  'data-dir': { type: 'string' },
  mode: { type: 'string' },
  json: { type: 'boolean' },
  'no-restart': { type: 'boolean' },
} as const;

/**
 * Reads the options. A bare `--` is ignored: package managers pass it on.
 *
 * @param root folder against which the default of --config is resolved
 * @param portVariable value of PORT, which counts as asked for
 * @throws UsageError naming the option
 */
export function parseStartOptions(
  args: readonly string[],
  root: string,
  portVariable?: string,
): StartOptions {
  const values = parseOptions(args, OPTIONS, START_HELP);
  const mode = values.mode ?? 'stack';
  if (mode !== 'stack' && mode !== 'single')
    throw new UsageError(`--mode is "${mode}"; it must be stack or single.`);
  if (mode === 'single') {
    for (const name of ['apis', 'workers', 'sweepers'] as const) {
      if (values[name] !== undefined)
        throw new UsageError(`--${name} has no meaning with --mode single: it is one process.`);
    }
  }
  const port = values.port ?? portVariable;
  const portName = values.port === undefined ? 'PORT' : '--port';
  const numbers = {
    port: port === undefined ? API_PORT : integerOption(portName, port, 0, 65_535),
    workers: integerOption('--workers', values.workers ?? '2', 0, MAX_PROCESSES),
    apis: integerOption('--apis', values.apis ?? '1', 1, MAX_PROCESSES),
    sweepers: integerOption('--sweepers', values.sweepers ?? '1', 0, MAX_PROCESSES),
  };
  return {
    ...numbers,
    configPath: existingFile(resolve(values.config ?? join(root, 'examples/langgraph.json'))),
    portRequired: numbers.port !== 0 && port !== undefined,
    dataDir: resolve(values['data-dir'] ?? '.longrun'),
    mode,
    json: values.json ?? false,
    restart: !(values['no-restart'] ?? false),
  };
}

function existingFile(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new UsageError(`There is no ${path}. Name your langgraph.json with --config <file>.`);
  }
  return path;
}
