/**
 * The `env` of langgraph.json. The only place of this package that touches `process.env`. Changes with the list of
 * names that Longrun owns.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import * as contracts from '@longrun/contracts';

/** What a langgraph.json never sets, beside the settings of `@longrun/contracts`: Longrun's own, and Node.js's. */
const OWNED =
  /^((DATABASE_(DIRECT_)?URL|HOST|PORT|PATH|LD_PRELOAD|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|ENABLE_WORKERS|STREAMING_BACKEND|LOG_LEVEL|LOG_FORMAT|HTTP_ERROR_FORMAT)$|REDIS_|LONGRUN_|OTEL_)/;

/** Every setting with a default is an environment variable of the same name. */
const SETTINGS: ReadonlySet<string> = new Set(
  Object.entries(contracts).flatMap(([name, value]) => (typeof value === 'number' ? [name] : [])),
);

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
    if (OWNED.test(name) || SETTINGS.has(name) || protectedNames.includes(name)) refused.push(name);
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
