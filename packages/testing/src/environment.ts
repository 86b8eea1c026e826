/**
 * What the environment tells the tests. The only file of this package that reads `process.env`.
 */
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';

/** Superuser URL of a Postgres that tests may make databases in; absent: they start their own. */
export function sharedDatabaseUrl(): string | undefined {
  return emptyToUndefined(process.env['LONGRUN_TEST_DATABASE_URL']);
}

/** A Redis server program that was found before the tests. */
export function redisServerProgram(): string | undefined {
  return emptyToUndefined(process.env['REDIS_SERVER_BIN']);
}

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

/** Folder in which unpacked programs survive from test to test. */
export function sharedDataDir(): string {
  return resolve(cliFolder(), '../../../.longrun');
}

function emptyToUndefined(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
