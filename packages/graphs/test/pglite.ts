/**
 * A Postgres with pgvector inside the process of the test, behind the part of a pool that the store uses. The embedded Postgres of the
 * other tests has no pgvector.
 */
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite/vector';
import type pg from 'pg';

export interface VectorDatabase {
  pool: pg.Pool;
  close(): Promise<void>;
}

export async function createVectorDatabase(): Promise<VectorDatabase> {
  const database = await PGlite.create({ extensions: { vector } });
  const query = async (text: string, values?: unknown[]): Promise<unknown> =>
    // Only without parameters may a text hold several statements.
    values === undefined ? (await database.exec(text)).at(-1) : database.query(text, values);
  const nothing = (): void => undefined;
  const client = { query, on: nothing, off: nothing, release: nothing };
  const pool = { query, connect: async () => client };
  return { pool: pool as unknown as pg.Pool, close: () => database.close() };
}
