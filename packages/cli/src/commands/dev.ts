/**
 * `longrun dev`: one process on somebody's langgraph.json, replaced when the files of its graphs change. The data stays.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

import { readableLine } from '@longrun/service-kit';

import { childEnvironment, readEnvironment } from '../config/environment.js';
import type { Environment } from '../config/environment.js';
import { devReport, studioPage } from '../dev/dev-report.js';
import { checkLoads, type LoadCheck } from '../dev/load-check.js';
import { openBrowser } from '../dev/open-browser.js';
import { readProject } from '../dev/project-keys.js';
import { Reloader } from '../dev/reloader.js';
import { repositoryRoot, type SessionOptions } from '../start/apps.js';
import { runSession } from '../start/run-session.js';
import type { Session } from '../start/session.js';
import { DEV_HELP, parseDevOptions, type DevOptions } from './dev-options.js';
import { note } from './note.js';

/** Somebody waits for what they have edited: runs are given back soon, and go on in the next process. */
const DRAIN_GRACE_MS = 1_000;

/**
 * Runs until it is told to stop.
 *
 * @returns the exit code: 0 when it was stopped, 130 when it was made to stop at once
 * @throws UsageError for wrong options; Error with a clear message when it cannot be started
 */
export async function devCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(DEV_HELP);
    return 0;
  }
  const options = parseDevOptions(args);
  const environment = readEnvironment({ drainGraceMs: DRAIN_GRACE_MS });
  for (const sentence of notesFor(options, environment)) note(sentence);
  ignoreDataFolder(options.dataDir);
  let session: Session | undefined;
  let graphs: readonly string[] = [];
  const reloader = new Reloader({
    isWatching: options.reload,
    ownFiles: () => ownFiles(options.configPath),
    check: (signal) => check(options, environment, signal),
    replace: async () => session?.replaceApi(),
    note,
  });
  return runSession({
    options: sessionOptions(options, environment, async () => {
      graphs = await reloader.firstLoad();
    }),
    environment: {
      ...environment,
      databaseUrl: options.databaseUrl,
      databaseDirectUrl: undefined,
      redisUrl: undefined,
    },
    note,
    whenUp: (up, stack) => {
      session = up;
      reloader.start();
      const port = new URL(stack.apis[0]?.url ?? '').port || '80';
      const shown = options.shownHost.includes(':') ? `[${options.shownHost}]` : options.shownHost;
      const report = {
        ...options,
        graphs,
        url: `http://${shown}:${port}`,
        isWatching: options.reload,
      };
      console.log(options.json ? JSON.stringify(stack) : devReport(report));
      if (options.browser && environment.canOpenBrowser) openBrowser(studioPage(report));
      return Promise.resolve(() => reloader.close());
    },
  });
}

function sessionOptions(
  options: DevOptions,
  environment: Environment,
  beforeApps: () => Promise<void>,
): SessionOptions {
  const { configPath, dataDir, host, port, portRequired, json } = options;
  return {
    ...{ configPath, dataDir, host, port, portRequired, json, beforeApps },
    ...{ mode: 'single', apis: 1, workers: 0, sweepers: 0, restart: true },
    apiEnvironment: (apiPort) => ({
      ...graphEnvironment(environment),
      ...(apiPort === 0 ? {} : { LANGGRAPH_API_URL: `http://${options.shownHost}:${String(apiPort)}` }),
      LOG_LEVEL: options.logLevel,
      N_JOBS_PER_WORKER: String(options.jobs),
    }),
    onApiLine: (line) => {
      const text = options.verbose ? line : readableLine(line);
      (json ? console.error : console.log)(text);
    },
  };
}

/** What graphs find in their environment, served or tried. */
function graphEnvironment({ nodeEnv }: Environment): { NODE_ENV: string } {
  return { NODE_ENV: nodeEnv ?? 'development' };
}

async function check(
  { configPath }: DevOptions,
  environment: Environment,
  signal: AbortSignal,
): Promise<LoadCheck> {
  try {
    readProject(configPath, {});
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error), refused: [], files: [] };
  }
  const checked = await checkLoads(configPath, childEnvironment(graphEnvironment(environment)), signal);
  const refused = checked.refused.join(', ');
  if (refused !== '') note(`env of langgraph.json sets ${refused}, which is Longrun's own: left as it is.`);
  // What Longrun itself imports is not the project's.
  const own = join(repositoryRoot(), 'packages') + sep;
  return { ...checked, files: checked.files.filter((file) => !file.startsWith(own)) };
}

function ownFiles(configPath: string): string[] {
  try {
    const { envFile } = readProject(configPath, {});
    return [configPath, ...(envFile === undefined ? [] : [envFile])];
  } catch {
    return [configPath];
  }
}

function notesFor(options: DevOptions, environment: Environment): string[] {
  const { notes, envFile } = readProject(options.configPath, childEnvironment({}));
  const all = [...notes];
  if (envFile !== undefined && !existsSync(envFile)) all.push(`There is no ${envFile}: going on without it.`);
  if (environment.databaseUrl !== undefined && options.databaseUrl === undefined) {
    all.push(
      'DATABASE_URL is set and not used: it may be your application’s. Use --database-url to name one.',
    );
  }
  const isLoopback = options.host === '::1' || options.host.startsWith('127.');
  if (!isLoopback && environment.auth === undefined) {
    all.push(
      `Others can reach ${options.host}, so callers need an API key (longrun keys create --name me --data-dir ${options.dataDir}), unless langgraph.json names auth.path. AUTH=none lets everybody in.`,
    );
  }
  return all;
}

/** Version control leaves the data alone, and the project's own files stay as they are. */
function ignoreDataFolder(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, '.gitignore');
  if (!existsSync(file)) writeFileSync(file, '*\n');
}
