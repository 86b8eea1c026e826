import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEmptyDatabase, startTcpProxy, type TcpProxy, type TestDatabase } from '@longrun/testing';
import pg from 'pg';
import {
  isLockConflict,
  isPostgresUnavailable,
  isStatementError,
  isUniqueViolation,
} from '../src/failure.js';
import { migrate } from '../src/migrate.js';
import { createPool, sessionSettings } from '../src/pool.js';
import { createPrismaClient } from '../src/prisma.js';
import { execute, portOf } from './fixture.js';

let database: TestDatabase;
let proxy: TcpProxy;
let pool: pg.Pool;
beforeAll(async () => {
  database = await createEmptyDatabase();
  await migrate(database.url);
  proxy = await startTcpProxy({ port: portOf(database.url) });
  pool = createPool({ url: database.url, applicationName: 'connections-test', lockTimeoutMs: 50 });
});
afterAll(async () => {
  await pool.end();
  await proxy.close();
  await database.drop();
});

const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) throw new Error('It was expected to fail.');
  return error;
};

/** A URL where nobody listens: of a proxy that is gone. */
const deadUrl = async (): Promise<string> => {
  const gone = await startTcpProxy({ port: portOf(database.url) });
  await gone.close();
  return gone.urlFor(database.url);
};

describe('a session', () => {
  const SETTINGS = `SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
    current_setting('idle_in_transaction_session_timeout') AS idle, current_setting('application_name') AS name`;

  it('of a pool carries the timeouts that keep a frozen process from blocking others', async () => {
    const { rows } = await pool.query(SETTINGS);
    expect(rows).toEqual([{ statement: '15s', lock: '50ms', idle: '5s', name: 'connections-test' }]);
  });

  it('of its own carries the same, with defaults', async () => {
    const client = new pg.Client(sessionSettings({ url: database.url }));
    await client.connect();
    const { rows } = await client.query(SETTINGS);
    await client.end();
    expect(rows).toEqual([{ statement: '15s', lock: '2s', idle: '5s', name: 'longrun' }]);
  });

  it('that breaks while it is idle is replaced without noise', async () => {
    const through = createPool({ url: proxy.urlFor(database.url), poolSize: 1 });
    await through.query('SELECT 1');
    const dropped = new Promise((resolve) => through.once('remove', resolve));
    proxy.resetAll();
    await dropped;
    expect((await through.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await through.end();
  });
});

describe('isPostgresUnavailable', () => {
  it('is true when nobody listens', async () => {
    const dead = createPool({ url: await deadUrl() });
    expect(isPostgresUnavailable(await failureOf(dead.query('SELECT 1')))).toBe(true);
    await dead.end();
  });

  it('is true when the socket is gone, also through the Prisma client', async () => {
    const gone = createPool({ url: 'postgresql://u:p@localhost:5432/db?host=/nowhere' });
    expect(isPostgresUnavailable(await failureOf(gone.query('SELECT 1')))).toBe(true);
    expect(isPostgresUnavailable(await failureOf(createPrismaClient(gone).assistant.count()))).toBe(true);
    await gone.end();
    // A file that is missing is nobody's outage.
    const missing = await failureOf(readFile('/nowhere'));
    expect(isPostgresUnavailable(missing)).toBe(false);
  });

  it('is true when the server ends the session, and for what comes after', async () => {
    const client = await pool.connect();
    client.on('error', () => undefined);
    const error = await failureOf(client.query('SELECT pg_terminate_backend(pg_backend_pid())'));
    expect([isPostgresUnavailable(error), isStatementError(error)]).toEqual([true, false]);
    expect(isPostgresUnavailable(await failureOf(client.query('SELECT 1')))).toBe(true);
    client.release(true);
  });

  it('is true when the server ended a session that was idle in a transaction', async () => {
    const client = await pool.connect();
    const ended = once(client, 'error');
    await client.query("SET idle_in_transaction_session_timeout = '20ms'");
    await client.query('BEGIN');
    const [error] = (await ended) as [{ code: string }];
    expect(error.code).toBe('25P03');
    expect(isPostgresUnavailable(error)).toBe(true);
    expect(isPostgresUnavailable(await failureOf(client.query('SELECT 1')))).toBe(true);
    client.release(true);
  });

  it('is true when no answer comes in time, to a statement or to a connection', async () => {
    const impatient = createPool({ url: database.url, answerTimeoutMs: 50 });
    expect(isPostgresUnavailable(await failureOf(impatient.query('SELECT pg_sleep(5)')))).toBe(true);
    await impatient.end();
    proxy.setBlackhole(true);
    const silent = createPool({ url: proxy.urlFor(database.url) });
    const error = await failureOf(silent.query('SELECT 1'));
    proxy.setBlackhole(false);
    expect(isPostgresUnavailable(error)).toBe(true);
    await silent.end();
  });

  it('is true through the Prisma client, refused or cut off', async () => {
    const dead = createPool({ url: await deadUrl() });
    expect(isPostgresUnavailable(await failureOf(createPrismaClient(dead).assistant.count()))).toBe(true);
    await dead.end();
    const through = createPool({ url: proxy.urlFor(database.url), poolSize: 1 });
    const prisma = createPrismaClient(through);
    await prisma.assistant.count();
    proxy.cutNextReply();
    expect(isPostgresUnavailable(await failureOf(prisma.assistant.count()))).toBe(true);
    await through.end();
  });

  it('is false for what the server refuses while it goes on serving', async () => {
    const client = await pool.connect();
    await client.query("SET statement_timeout = '20ms'");
    const tooLong = await failureOf(client.query('SELECT pg_sleep(5)'));
    const wrong = await failureOf(client.query('SELECT nothing'));
    client.release(true);
    for (const error of [tooLong, wrong]) {
      expect([isPostgresUnavailable(error), isStatementError(error)]).toEqual([false, true]);
    }
    expect([isPostgresUnavailable(new Error('x')), isPostgresUnavailable(null)]).toEqual([false, false]);
  });
});

describe('other failures', () => {
  it('tells a lock that did not come in time as a conflict', async () => {
    const [holder, waiter] = [await pool.connect(), await pool.connect()];
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE sweeper');
    const error = await failureOf(waiter.query('SELECT * FROM sweeper'));
    await holder.query('ROLLBACK');
    holder.release();
    waiter.release();
    expect([isLockConflict(error), isPostgresUnavailable(error)]).toEqual([true, false]);
  });

  it('tells a second row with the same key, and which key', async () => {
    const insert = "INSERT INTO sweeper (sweeper_id) VALUES ('00000000-0000-4000-8000-000000000000')";
    await pool.query(insert);
    const error = await failureOf(pool.query(insert));
    expect([isUniqueViolation(error), isUniqueViolation(error, 'sweeper_pkey')]).toEqual([true, true]);
    expect([isUniqueViolation(error, 'another'), isLockConflict(error)]).toEqual([false, false]);
  });
});

describe('createPrismaClient', () => {
  it('writes and reads through the given pool, which it leaves open', async () => {
    const prisma = createPrismaClient(pool);
    const id = '11111111-1111-4111-8111-111111111111';
    const metadata = { list: [1, null, 'ä'], nested: { yes: true } };
    await prisma.assistant.create({ data: { id, graphId: 'g', name: 'n', metadata } });
    expect(await prisma.assistant.findUnique({ where: { id } })).toMatchObject({
      graphId: 'g',
      metadata,
      version: 1,
    });
    expect(await execute(database.url, 'SELECT metadata FROM assistant')).toEqual([{ metadata }]);
    await prisma.$disconnect();
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
});
