/**
 * Real databases for a test: a fresh Postgres database, a Redis of its own.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';

import { migrateDatabase } from '@longrun/cli';
import {
  endProcess,
  findRedisServer,
  freePort,
  identify,
  makeTemporaryDataDir,
  signalIfAlive,
  startPostgres,
  startRedis,
  VOLATILE_POSTGRES,
} from '@longrun/cli/local-services';
import type { LocalService } from '@longrun/cli/local-services';
import pg from 'pg';

import { redisServerProgram, sharedDatabaseUrl, sharedDataDir } from './environment.js';

/** A database of a test's own. */
export interface TestDatabase {
  readonly url: string;
  /** Drops it, whoever is connected. */
  drop(): Promise<void>;
}

/**
 * Makes a fresh database: in the Postgres that all tests share, or else in one that is started for it.
 *
 * @param options migrated: with all tables (default true)
 */
export async function createTestDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const shared = sharedDatabaseUrl();
  const database = shared === undefined ? await startOwnPostgres() : await createDatabase(shared);
  if (options.migrated !== false) await migrateDatabase(database.url);
  return database;
}

/** A Redis of a test's own, which it may kill, freeze and start again on the same port. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Of the present process. */
  readonly pid: number;
  signal(name: NodeJS.Signals): void;
  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a Redis without persistence: a restart finds it empty. */
export async function startTestRedis(): Promise<TestRedis> {
  const binary = await findTestRedisServer();
  const dataDir = makeTemporaryDataDir('longrun-test-redis-');
  const port = await freePort();
  let server = await startRedis({ dataDir, binary, port, persistent: false });
  return {
    url: server.url,
    port,
    get pid() {
      return server.pid;
    },
    signal: (name) => {
      const identity = identify(server.pid);
      if (identity !== undefined) signalIfAlive(identity, name);
    },
    kill: async () => {
      const identity = identify(server.pid);
      if (identity !== undefined) await endProcess(identity, []);
      await server.exited;
    },
    restart: async () => {
      await server.stop();
      server = await startRedis({ dataDir, binary, port, persistent: false });
    },
    stop: async () => {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The Redis program that tests run; unpacked once for all of them when the machine has none. */
export function findTestRedisServer(): Promise<string> {
  return findRedisServer({ dataDir: sharedDataDir(), binary: redisServerProgram() });
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
