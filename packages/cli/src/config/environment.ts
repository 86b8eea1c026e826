/**
 * The environment variables of `longrun`. The only file of this package that reads `process.env`.
 */
import { DRAIN_GRACE_MS } from '@longrun/contracts';

/** Drain of a worker under `longrun start`: somebody waits at a terminal. */
const START_DRAIN_GRACE_MS = Math.min(10_000, DRAIN_GRACE_MS);

/** What the environment says; everything may be left out. */
export interface Environment {
  readonly databaseUrl: string | undefined;
  /** Sent to an api that is asked something. */
  readonly apiKey: string | undefined;
  readonly databaseDirectUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly redisServerBin: string | undefined;
  /** Raw: it is checked together with `--port`. */
  readonly port: string | undefined;
  /** Log lines of the processes are shown as well as written to their files. */
  readonly showLogs: boolean;
  /** How long a stopping worker lets its runs go on. Default 10,000. */
  readonly drainGraceMs: number;
  /** Where webhooks go that are paths. Default: the first api. */
  readonly webhookLoopbackUrl: string | undefined;
  /** Folder that holds `apps/`. Default: this repository. */
  readonly appsRoot: string | undefined;
  /** The langgraph.json of a worker. */
  readonly graphsConfig: string | undefined;
  readonly nodeEnv: string | undefined;
  /** How an api authenticates; see its settings. */
  readonly auth: string | undefined;
  /** There is a person with a browser, who does not mind. */
  readonly canOpenBrowser: boolean;
}

/**
 * Reads the variables; an empty one counts as absent.
 *
 * @param defaults of a command
 */
export function readEnvironment({ drainGraceMs = START_DRAIN_GRACE_MS } = {}): Environment {
  const { env } = process;
  const read = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const grace = Number(read('DRAIN_GRACE_MS') ?? drainGraceMs);
  return {
    databaseUrl: read('DATABASE_URL'),
    apiKey: read('LONGRUN_API_KEY'),
    databaseDirectUrl: read('DATABASE_DIRECT_URL'),
    redisUrl: read('REDIS_URL'),
    redisServerBin: read('REDIS_SERVER_BIN'),
    port: read('PORT'),
    showLogs: ['debug', 'trace'].includes(read('LOG_LEVEL') ?? ''),
    drainGraceMs: Number.isFinite(grace) && grace >= 0 ? grace : drainGraceMs,
    webhookLoopbackUrl: read('WEBHOOK_LOOPBACK_URL'),
    appsRoot: read('LONGRUN_APPS_ROOT'),
    graphsConfig: read('LANGGRAPH_CONFIG_PATH'),
    nodeEnv: read('NODE_ENV'),
    auth: read('AUTH'),
    canOpenBrowser:
      process.stdout.isTTY &&
      read('BROWSER') !== 'none' &&
      read('CI') === undefined &&
      (process.platform !== 'linux' || (read('DISPLAY') ?? read('WAYLAND_DISPLAY')) !== undefined),
  };
}

/** The environment of a child: ours, with these changes; undefined takes a variable away. */
export function childEnvironment(changes: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  return { ...process.env, ...changes };
}
