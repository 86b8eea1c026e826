/**
 * The options of `longrun dev`: those of `langgraph dev`, and a few of ours.
 */
import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { LOOPBACK } from '@longrun/local-services';

import { integerOption } from './integer-option.js';
import { parseOptions } from './parse-options.js';
import { UsageError } from './usage-error.js';

/** Options after their check. */
export interface DevOptions {
  /** Absolute path of langgraph.json. */
  readonly configPath: string;
  /** Address to listen on. */
  readonly host: string;
  /** How the host is written in URLs. */
  readonly shownHost: string;
  readonly port: number;
  /** The port was asked for, so that a taken one is an error. */
  readonly portRequired: boolean;
  /** Runs at a time. */
  readonly jobs: number;
  readonly browser: boolean;
  readonly reload: boolean;
  readonly studioUrl: string;
  readonly verbose: boolean;
  readonly logLevel: string;
  /** Absolute path. */
  readonly dataDir: string;
  /** Undefined: a Postgres of our own. */
  readonly databaseUrl: string | undefined;
  readonly json: boolean;
}

/** As `langgraph dev`. */
const PORT = 2024;
const HOST = 'localhost';
const JOBS = 10;
const STUDIO_URL = 'https://smith.langchain.com';
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Shown by `longrun dev --help`. `-h` is the host, as in `langgraph dev`. */
export const DEV_HELP = `longrun dev [options]: one process on your langgraph.json that loads your graphs anew when their files change

  -c, --config <path>              langgraph.json, or its folder (the current folder)
  -p, --port <n>                   port (${String(PORT)}); 0 takes any free one
  -h, --host <address>             address to listen on (${HOST})
  -n, --n-jobs-per-worker <n>      runs at a time (${String(JOBS)})
  --no-browser                     do not open LangGraph Studio; BROWSER=none says the same
  --no-reload                      do not watch files
  --studio-url <url>               where Studio is (${STUDIO_URL})
  --server-log-level <level>       ${LEVELS.join(', ')} (info)
  --verbose                        show what the server logs as it is, from debug on
  --data-dir <folder>              where the data, logs and stack.json live (.longrun beside langgraph.json)
  --database-url <url>             use this Postgres instead of one of our own; DATABASE_URL is not read: it may be your application's
  --json                           print the stack as one line of JSON when it is ready

--tunnel is not there: expose the port with a tool of your choice, behind API keys (docs/auth.md).`;

/** What is refused, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  tunnel:
    'it would put this machine on the internet without anybody being asked who they are. Run a tunnel of your choice to the port, with --host 0.0.0.0 or AUTH=keys and an API key (longrun keys create)',
  'debug-port':
    "it is for Python. Send SIGUSR1 to the pid of the api in stack.json: Node.js's inspector then listens on 9229",
  'wait-for-client':
    "it is for Python. Send SIGUSR1 to the pid of the api in stack.json: Node.js's inspector then listens on 9229",
  'allow-blocking': 'it is for Python: nothing looks for blocking calls here',
};

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  port: { type: 'string', short: 'p' },
  host: { type: 'string', short: 'h' },
  'n-jobs-per-worker': { type: 'string', short: 'n' },
  'no-browser': { type: 'boolean' },
  'no-reload': { type: 'boolean' },
  'studio-url': { type: 'string' },
  'server-log-level': { type: 'string' },
  verbose: { type: 'boolean' },
  'data-dir': { type: 'string' },
  'database-url': { type: 'string' },
  json: { type: 'boolean' },
  tunnel: { type: 'boolean' },
  'debug-port': { type: 'string' },
  'wait-for-client': { type: 'boolean' },
  'allow-blocking': { type: 'boolean' },
} as const;

/**
 * Reads the options.
 *
 * @throws UsageError naming the option
 */
export function parseDevOptions(args: readonly string[]): DevOptions {
  const values = parseOptions(args, OPTIONS, DEV_HELP);
  for (const [name, reason] of Object.entries(REFUSED)) {
    if (name in values) throw new UsageError(`--${name} is not supported: ${reason}.`);
  }
  const shownHost = values.host ?? HOST;
  const studioUrl = (values['studio-url'] ?? STUDIO_URL).replace(/\/+$/, '');
  if (!URL.canParse(studioUrl)) throw new UsageError(`--studio-url is "${studioUrl}"; it must be a URL.`);
  const logLevel = values['server-log-level']?.toLowerCase() ?? (values.verbose ? 'debug' : 'info');
  if (!LEVELS.includes(logLevel)) {
    throw new UsageError(`--server-log-level is "${logLevel}"; it must be one of ${LEVELS.join(', ')}.`);
  }
  const databaseUrl = values['database-url'];
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw new UsageError('--database-url must be a URL that starts with postgresql://.');
  }
  const configPath = configFile(values.config ?? '.');
  const port = integerOption('--port', values.port ?? String(PORT), 0, 65_535);
  return {
    configPath,
    // One address, whatever the system makes of the name: the Postgres and the port check are there too.
    host: shownHost === HOST ? LOOPBACK : shownHost,
    shownHost,
    port,
    portRequired: values.port !== undefined && port !== 0,
    jobs: integerOption('--n-jobs-per-worker', values['n-jobs-per-worker'] ?? String(JOBS), 1, 1_000),
    browser: !(values['no-browser'] ?? false),
    reload: !(values['no-reload'] ?? false),
    studioUrl,
    verbose: values.verbose ?? false,
    logLevel,
    dataDir: resolve(values['data-dir'] ?? join(dirname(configPath), '.longrun')),
    databaseUrl,
    json: values.json ?? false,
  };
}

function configFile(given: string): string {
  const path = resolve(given.startsWith('file://') ? fileURLToPath(given) : given);
  const file = isThere(path, 'isDirectory') ? join(path, 'langgraph.json') : path;
  if (isThere(file, 'isFile')) return file;
  throw new UsageError(`There is no ${file}. Name your langgraph.json, or its folder, with --config <path>.`);
}

function isThere(path: string, kind: 'isDirectory' | 'isFile'): boolean {
  return statSync(path, { throwIfNoEntry: false })?.[kind]() === true;
}
