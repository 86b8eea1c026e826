/**
 * What the environment tells the tests. The only file of this package that reads `process.env`.
 */
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

/** Superuser URL of a Postgres that tests may make databases in; absent: they start their own. */
export function sharedDatabaseUrl(): string | undefined {
  return emptyToUndefined(process.env['LONGRUN_TEST_DATABASE_URL']);
}

/** A Redis server program that was found before the tests. */
export function redisServerProgram(): string | undefined {
  return emptyToUndefined(process.env['REDIS_SERVER_BIN']);
}

/** Folder in which unpacked programs survive from test to test: that of the repository. */
export function sharedDataDir(): string {
  return resolve(createRequire(import.meta.url).resolve('@longrun/local-services'), '../../../../.longrun');
}

function emptyToUndefined(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
