/**
 * What the processes of a stack are told: their scripts and their environment.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { StartOptions } from '../commands/start-options.js';
import { childEnvironment } from '../config/environment.js';
import type { Environment } from '../config/environment.js';
import { LOOPBACK } from '@longrun/local-services';
import type { AppSpec } from './app-process.js';

/** What a session is told: the options of its command, and what only some commands have. */
export interface SessionOptions extends StartOptions {
  /** Where the apis listen. Default: the loopback. */
  readonly host?: string;
  /** Further variables of an api on this port; 0 is any. */
  apiEnvironment?(port: number): Readonly<Record<string, string>>;
  /** What has to be before any app is started; goes on while the databases start. */
  beforeApps?(): Promise<void>;
  /** Gets every line that an api prints. Default: they are in its log alone. */
  onApiLine?(line: string): void;
}

/** Everything of an app besides its own small part of the environment. */
export interface AppContext {
  readonly options: SessionOptions;
  readonly environment: Environment;
  readonly databaseUrl: string;
  /** Absent: single mode. */
  readonly redisUrl: string | undefined;
  onSpawn(name: string, pid: number): void;
}

/** Time that a worker has to end everything after its drain, and the others altogether. */
export const STOP_MARGIN_MS = 6_000;

/** The repository that this file belongs to. */
export function repositoryRoot(): string {
  return resolve(fileURLToPath(import.meta.url), '../../../../..');
}

/** @throws Error when it was not built */
export function appScript(app: string, { appsRoot }: Environment): string {
  const script = join(appsRoot ?? repositoryRoot(), 'apps', app, 'dist', 'main.js');
  if (!existsSync(script)) throw new Error(`There is no ${script}. Build it first: pnpm build.`);
  return script;
}

export function apiSpec(context: AppContext, index: number, port: number): AppSpec {
  const { options } = context;
  const { host = LOOPBACK } = options;
  const spec = appSpec(context, 'api', `api-${String(index)}`, {
    ...options.apiEnvironment?.(port),
    HOST: host,
    PORT: String(port),
  });
  if (options.onApiLine === undefined) return spec;
  return {
    ...spec,
    onLine: (line) => {
      options.onApiLine?.(line);
    },
  };
}

export function workerSpec(context: AppContext, index: number): AppSpec {
  return appSpec(context, 'worker', `worker-${String(index)}`, { HOST: LOOPBACK, HEALTH_PORT: '0' });
}

/** @param apiUrl where webhooks go that are paths */
export function sweeperSpec(context: AppContext, index: number, apiUrl: string): AppSpec {
  return appSpec(context, 'sweeper', `sweeper-${String(index)}`, {
    HOST: LOOPBACK,
    HEALTH_PORT: '0',
    WEBHOOK_LOOPBACK_URL: context.environment.webhookLoopbackUrl ?? apiUrl,
  });
}

function appSpec(context: AppContext, app: string, name: string, own: Record<string, string>): AppSpec {
  const { options, environment, databaseUrl, redisUrl } = context;
  const single = redisUrl === undefined;
  return {
    name,
    script: appScript(app, environment),
    logFile: join(options.dataDir, 'logs', `${name}.log`),
    onLine: environment.showLogs
      ? (line) => {
          console.error(`${name}: ${line}`);
        }
      : undefined,
    stopLimitMs: environment.drainGraceMs + STOP_MARGIN_MS,
    onSpawn: (pid) => {
      context.onSpawn(name, pid);
    },
    env: childEnvironment({
      DATABASE_URL: databaseUrl,
      // A direct URL belongs to the database that was given with it.
      DATABASE_DIRECT_URL: (environment.databaseUrl && environment.databaseDirectUrl) ?? databaseUrl,
      REDIS_URL: redisUrl,
      LANGGRAPH_CONFIG_PATH: options.configPath,
      DRAIN_GRACE_MS: String(environment.drainGraceMs),
      ENABLE_WORKERS: String(!single),
      STREAMING_BACKEND: single ? 'memory' : 'redis',
      // The port of the api is not that of anybody's health.
      PORT: undefined,
      ...own,
    }),
  };
}
