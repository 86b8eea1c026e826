/**
 * The index of a store by meaning: its table, and the vectors of an item or a query.
 */
import { getTextAtPath } from '@langchain/langgraph-checkpoint';
import { isLongrunError, LongrunError } from '@longrun/contracts';
import type pg from 'pg';
import { inTransaction } from '../checkpoint/fenced-transaction.js';
import { messageOf } from '../registry/load-export.js';
import { createVectors, INSPECT_VECTORS, type VectorsRow } from './sql/vectors.sql.js';
import type { StoreIndex } from './store-settings.js';

/** Serialises the setup of processes that start at once; any constant that nobody else uses will do. */
const SETUP_LOCK = 7_270_737_002;

/**
 * Makes what `store.index` needs in Postgres. Idempotent; safe when several processes call it at once.
 *
 * @throws LongrunError INTERNAL when pgvector cannot be used, or the stored vectors have another length; the process must not start
 */
export async function prepareStoreIndex(pool: pg.Pool, index: StoreIndex | null): Promise<void> {
  if (index === null) return;
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [SETUP_LOCK]);
    const { rows } = await client.query<VectorsRow>(INSPECT_VECTORS);
    const found = rows[0];
    if (!found?.installed) await install(client, found?.available ?? false);
    if (found?.dims !== null && found?.dims !== undefined && found.dims !== index.dims) {
      throw new LongrunError(
        'INTERNAL',
        `The vectors of the store have ${found.dims} numbers, but store.index.dims in langgraph.json says ${index.dims}. Set it back, or drop the table langgraph.store_vectors and put the items again.`,
      );
    }
    await client.query(createVectors(index.dims));
  });
}

async function install(client: pg.PoolClient, available: boolean): Promise<void> {
  const why = 'store.index in langgraph.json needs the extension pgvector in Postgres';
  if (!available) {
    throw new LongrunError(
      'INTERNAL',
      `${why}, and this server does not have it. Install it (package postgresql-<version>-pgvector), set DATABASE_URL to a Postgres that has it, or remove store.index.`,
    );
  }
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS vector');
  } catch (error) {
    throw new LongrunError(
      'INTERNAL',
      `${why}, and it could not be created: ${messageOf(error)}. Run "CREATE EXTENSION vector" in this database as a superuser.`,
      { cause: error },
    );
  }
}

/** The vectors of an item, in three lists of the same length. */
export interface ItemVectors {
  fields: string[];
  texts: string[];
  /** As pgvector reads them. */
  vectors: string[];
}

/**
 * @param fields paths that stand for those of the index; false for no vectors
 * @throws LongrunError EMBEDDING_FAILED
 */
export async function vectorsOf(
  value: Record<string, unknown>,
  fields: false | readonly string[] | null | undefined,
  index: StoreIndex,
): Promise<ItemVectors> {
  const found = fields === false ? [] : (fields ?? index.fields).flatMap((field) => textsAt(value, field));
  const texts = found.map(({ text }) => text);
  const vectors = texts.length === 0 ? [] : await embed(() => index.embedding.documents(texts));
  if (vectors.length !== texts.length) {
    throw new LongrunError(
      'EMBEDDING_FAILED',
      `The embedding answered ${vectors.length} vectors for ${texts.length} texts.`,
    );
  }
  return {
    fields: found.map(({ field }) => field),
    texts,
    vectors: vectors.map((vector) => `[${checkVector(vector, index).join(',')}]`),
  };
}

/** @throws LongrunError EMBEDDING_FAILED */
export async function vectorOfQuery(query: string, index: StoreIndex): Promise<number[]> {
  return checkVector(await embed(() => index.embedding.query(query)), index);
}

function textsAt(value: Record<string, unknown>, field: string): { field: string; text: string }[] {
  const texts = getTextAtPath(value, field).filter((text) => text.trim() !== '');
  return texts.map((text, i) => ({ field: texts.length > 1 ? `${field}.${i}` : field, text }));
}

async function embed<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (isLongrunError(error)) throw error;
    throw new LongrunError('EMBEDDING_FAILED', `The embedding of the store failed: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function checkVector(vector: unknown, { dims }: StoreIndex): number[] {
  if (Array.isArray(vector) && vector.length === dims && vector.every((n) => Number.isFinite(n))) {
    return vector as number[];
  }
  const got = Array.isArray(vector) ? `${vector.length} numbers` : typeof vector;
  throw new LongrunError(
    'EMBEDDING_FAILED',
    `The embedding of the store answered ${got} where store.index.dims in langgraph.json says ${dims} numbers.`,
  );
}
