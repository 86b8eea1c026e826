/**
 * A real Postgres database for a test: fresh, empty, of its own.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';

import { makeTemporaryDataDir, startPostgres, VOLATILE_POSTGRES } from '@longrun/local-services';
import type { LocalService } from '@longrun/local-services';
import pg from 'pg';

import { sharedDatabaseUrl } from './environment.js';

/** A database of a test's own. */
export interface TestDatabase {
  readonly url: string;
  /** Drops it, whoever is connected. */
  drop(): Promise<void>;
}

/** Makes a database without tables: in the Postgres that all tests share, or else in one that is started for it. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const shared = sharedDatabaseUrl();
  return shared === undefined ? startOwnPostgres() : createDatabase(shared);
}

async function createDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    url: url.toString(),
    drop: () => execute(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function startOwnPostgres(): Promise<TestDatabase> {
  const dataDir = makeTemporaryDataDir('longrun-test-postgres-');
  let server: LocalService;
  try {
    server = await startPostgres({ dataDir, settings: VOLATILE_POSTGRES });
  } catch (error) {
    rmSync(dataDir, { recursive: true, force: true });
    throw error;
  }
  return {
    url: server.url,
    drop: async () => {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
