/**
 * The `env` of langgraph.json. The only place of this package that touches `process.env`. Changes with the list of
 * names that Longrun owns.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';

/** Names that a langgraph.json never sets: Longrun's own settings and what changes how Node.js itself runs. */
const OWNED_BY_LONGRUN =
  /^(DATABASE_|REDIS_|LONGRUN_|OTEL_|NODE_|POSTGRES_|RUN_EVENT_|HEARTBEAT_|IDEMPOTENCY_|READER_|SSE_|SWEEP_|DRAIN_|CANCEL_|HOT_TAIL_|PG|(PORT|HOST|PATH|HOME|LD_PRELOAD|ENABLE_WORKERS|STREAMING_BACKEND|N_JOBS_PER_WORKER|BG_JOB_\w+|JOB_TIMEOUT_SECONDS|CRASH_LIMIT|LEASE_MS|LOCK_FREE_VERDICT_MS|REDISPATCH_AFTER_MS|TEMPORARY_THREAD_SECONDS|EVENT_LIMIT_BYTES|BODY_LIMIT_BYTES|RETRY_AFTER_SECONDS|API_\w+|WORKER_\w+|HTTP_\w+|LOG_\w+|CORS_\w+)$)/;

export interface EnvironmentOptions {
  /** Further names that are never set. */
  protectedNames?: readonly string[];
}

/**
 * Sets the variables of `env` (a file, an object, or a list of names that are expected) that are not set yet.
 *
 * @returns names that were left alone because Longrun owns them
 * @throws the error of reading the file, unless it is that there is none
 */
export async function applyEnvironment(
  env: unknown,
  folder: string,
  { protectedNames = [] }: EnvironmentOptions = {},
): Promise<string[]> {
  const refused: string[] = [];
  for (const [name, value] of Object.entries(await variablesOf(env, folder))) {
    if (OWNED_BY_LONGRUN.test(name) || protectedNames.includes(name)) refused.push(name);
    else process.env[name] ??= value;
  }
  return refused;
}

async function variablesOf(env: unknown, folder: string): Promise<Record<string, string>> {
  if (typeof env === 'string') return readEnvFile(path.resolve(folder, env));
  if (typeof env !== 'object' || env === null || Array.isArray(env)) return {};
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));
}

/** A missing file is no error: in a container the variables come from its environment, and the file stays at home. */
async function readEnvFile(file: string): Promise<Record<string, string>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return parseEnv(text) as Record<string, string>;
}
