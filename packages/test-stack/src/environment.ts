/**
 * The environment of a stack for tests. The only file of this package that reads `process.env`.
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** Our environment without what would lead a stack to somebody's databases, and with these changes. */
export function stackEnvironment(changes: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of ['DATABASE_URL', 'DATABASE_DIRECT_URL', 'REDIS_URL', 'PORT', 'HOST', 'NODE_OPTIONS'])
    delete env[name];
  return { ...env, ...changes };
}

/** Folder of the built `@longrun/cli`. */
export function cliFolder(): string {
  return dirname(createRequire(import.meta.url).resolve('@longrun/cli'));
}
