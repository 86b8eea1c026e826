import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createEmptyDatabase, startTcpProxy, type TcpProxy, type TestDatabase } from '@longrun/testing';
import type pg from 'pg';
import { isPostgresUnavailable, isStatementError } from '../src/failure.js';
import { createPool } from '../src/pool.js';
import { inTransaction, isCommitOutcomeUnknown } from '../src/transaction.js';
import { execute, portOf } from './fixture.js';

describe('inTransaction', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let pool: pg.Pool;
  beforeAll(async () => {
    database = await createEmptyDatabase();
    await execute(database.url, 'CREATE TABLE item (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)');
    proxy = await startTcpProxy({ port: portOf(database.url) });
    pool = createPool({ url: proxy.urlFor(database.url), poolSize: 1 });
  });
  beforeEach(() => execute(database.url, 'TRUNCATE item'));
  afterAll(async () => {
    await pool.end();
    await proxy.close();
    await database.drop();
  });

  const items = async (): Promise<number[]> =>
    (await execute<{ id: number }>(database.url, 'SELECT id FROM item ORDER BY id')).map((row) => row.id);
  const insert = (client: pg.PoolClient, id: number) => client.query('INSERT INTO item VALUES ($1)', [id]);
  const backend = async (): Promise<number | undefined> =>
    (await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('commits and returns what the work returned', async () => {
    expect(await inTransaction(pool, async (client) => (await insert(client, 1)).rowCount)).toBe(1);
    expect(await items()).toEqual([1]);
  });

  it('rolls back when the work throws, and keeps the connection', async () => {
    const before = await backend();
    const work = inTransaction(pool, async (client) => {
      await insert(client, 1);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await items()).toEqual([]);
    expect(await backend()).toBe(before);
  });

  it('does not report success for work that swallowed the failure of a statement, since nothing was committed', async () => {
    const work = inTransaction(pool, async (client) => {
      await insert(client, 1);
      await client.query('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(work).rejects.toThrow('rolled back');
    expect(await items()).toEqual([]);
  });

  it('closes a connection that broke, and the next call has another', async () => {
    const before = await backend();
    const work = inTransaction(pool, async (client) => {
      await insert(client, 1);
      proxy.resetAll();
      await insert(client, 2);
    });
    const error = await failureOf(work);
    expect([isPostgresUnavailable(error), isCommitOutcomeUnknown(error)]).toEqual([true, false]);
    expect(pool.totalCount).toBe(0);
    expect(await backend()).not.toBe(before);
    expect(await items()).toEqual([]);
  });

  it('does not know the outcome when the answer to the COMMIT is lost, although it stands', async () => {
    const work = inTransaction(pool, async (client) => {
      await insert(client, 1);
      proxy.cutNextReply();
    });
    const error = await failureOf(work);
    expect(isCommitOutcomeUnknown(error)).toBe(true);
    expect((error as Error).cause).toMatchObject({ message: expect.stringMatching(/ECONNRESET|terminated/) });
    expect(pool.totalCount).toBe(0);
    expect(await items()).toEqual([1]);
  });

  it('does not know the outcome either when the COMMIT itself is lost', async () => {
    const work = inTransaction(pool, async (client) => {
      await insert(client, 1);
      proxy.resetAll();
    });
    expect(isCommitOutcomeUnknown(await failureOf(work))).toBe(true);
    expect(await items()).toEqual([]);
  });

  it('closes a connection that answers neither the work nor the ROLLBACK in time', async () => {
    const impatient = createPool({ url: database.url, poolSize: 1, answerTimeoutMs: 50 });
    const work = inTransaction(impatient, (client) => client.query('SELECT pg_sleep(1)'));
    await expect(work).rejects.toThrow('timeout');
    expect(impatient.totalCount).toBe(0);
    await impatient.end();
  });

  it('knows the outcome of a COMMIT that the server refuses', async () => {
    const work = inTransaction(pool, async (client) => {
      await insert(client, 1);
      await insert(client, 1);
    });
    const error = await failureOf(work);
    expect([isCommitOutcomeUnknown(error), isStatementError(error)]).toEqual([false, true]);
    expect(await items()).toEqual([]);
  });
});
