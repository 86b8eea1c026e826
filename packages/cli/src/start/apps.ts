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

/** Everything of an app besides its own small part of the environment. */
export interface AppContext {
  readonly options: StartOptions;
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

export function apiSpec(context: AppContext, index: number, port: number): AppSpec {
  return appSpec(context, 'api', `api-${String(index)}`, { HOST: LOOPBACK, PORT: String(port) });
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
  const script = join(environment.appsRoot ?? repositoryRoot(), 'apps', app, 'dist', 'main.js');
  if (!existsSync(script)) throw new Error(`There is no ${script}. Build it first: pnpm build.`);
  const single = redisUrl === undefined;
  return {
    name,
    script,
    logFile: join(options.dataDir, 'logs', `${name}.log`),
    showLogs: environment.showLogs,
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
