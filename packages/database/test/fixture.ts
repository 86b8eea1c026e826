/**
 * A fresh database for a test file, and a proxy that does to its connections what networks do. This package cannot use
 * `@longrun/testing`, which stands on it.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import pg from 'pg';

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** An empty database in the Postgres that all tests share. */
export async function createDatabase(): Promise<TestDatabase> {
  const server = process.env['LONGRUN_TEST_DATABASE_URL'];
  if (!server)
    throw new Error('LONGRUN_TEST_DATABASE_URL is not set: the superuser URL of a Postgres for tests.');
  const name = `database_${randomUUID().replaceAll('-', '')}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => drop(server, name) };
}

async function drop(server: string, name: string): Promise<void> {
  await execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

/** One statement on a connection of its own. */
export async function execute<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

export interface Proxy {
  /** The database behind the proxy. */
  url: string;
  /** The next answer of the server is lost, and its connection is reset. */
  cutNextReply(): void;
  /** Resets every connection. */
  resetAll(): void;
  /** New connections are accepted and never answered. */
  setSilent(silent: boolean): void;
  close(): Promise<void>;
}

export async function startProxy(databaseUrl: string): Promise<Proxy> {
  const target = new URL(databaseUrl);
  const open = new Set<() => void>();
  let cutNext = false;
  let silent = false;
  const server = createServer((client) => {
    const upstream = createConnection(Number(target.port), target.hostname);
    const end = (): void => {
      open.delete(end);
      for (const socket of [client, upstream]) if (!socket.destroyed) socket.resetAndDestroy();
    };
    open.add(end);
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    client.on('data', (data) => {
      if (!silent) upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (!cutNext) return client.write(data);
      cutNext = false;
      return end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const resetAll = (): void => [...open].forEach((end) => end());
  return {
    url: url.href,
    cutNextReply: () => (cutNext = true),
    resetAll,
    setSilent: (value) => (silent = value),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      resetAll();
      await closed;
    },
  };
}
