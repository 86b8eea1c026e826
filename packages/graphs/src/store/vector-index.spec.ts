import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../../test/fixture.js';
import { createVectorDatabase, type VectorDatabase } from '../../test/pglite.js';
import { setupCheckpointTables } from '../checkpoint/checkpoint-schema.js';
import { openStore } from './fenced-store.js';
import type { ItemStore } from './item-store.js';
import { DEFAULT_STORE, type StoreIndex } from './store-settings.js';
import { prepareStoreIndex } from './vector-index.js';

/** Deterministic: how often a text speaks of cats, of boats and of nothing. */
const vectorOf = (text: string) => [text.split('cat').length - 1, text.split('boat').length - 1, 0.01];
const index: StoreIndex = {
  dims: 3,
  fields: ['text', 'notes[*]'],
  embedding: { documents: async (texts) => texts.map(vectorOf), query: async (text) => vectorOf(text) },
};

let database: VectorDatabase;
let store: ItemStore;
beforeAll(async () => {
  database = await createVectorDatabase();
  await setupCheckpointTables(database.pool);
  await prepareStoreIndex(database.pool, index);
  store = openStore(database.pool, { ...DEFAULT_STORE, index });
}, 60_000);
beforeEach(() => database.pool.query('DELETE FROM langgraph.store'));
afterAll(() => database.close());

const vectors = async () => {
  const { rows } = await database.pool.query<{ key: string; field_path: string; text_content: string }>(
    'SELECT key, field_path, text_content FROM langgraph.store_vectors ORDER BY key, field_path',
    [],
  );
  return rows.map((row) => `${row.key} ${row.field_path} ${row.text_content}`);
};

describe('a store with an index', () => {
  it('finds items by meaning, the nearest first, each once, below the prefix and within the filter', async () => {
    await store.put(['docs'], 'boat', { text: 'boat', n: 1 });
    await store.put(['docs'], 'both', { text: 'cat boat', notes: ['boat boat boat', 'cat boat boat'], n: 1 });
    await store.put(['docs'], 'cat', { text: 'cat cat cat', n: 2 });
    await store.put(['other'], 'cat', { text: 'cat' });
    await store.put(['docs'], 'silent', { n: 1 });
    const found = await store.search(['docs'], { query: 'a cat' });
    expect(found.map((item) => item.key)).toEqual(['cat', 'both', 'boat']);
    expect(found[0]?.score).toBeCloseTo(1, 2);
    expect(found[2]?.score).toBeLessThan(0.1);
    const filtered = await store.search(['docs'], { query: 'a cat', filter: { n: 1 }, limit: 1 });
    expect(filtered.map((item) => item.key)).toEqual(['both']);
    expect(await store.search(['docs'])).toHaveLength(4);
  });

  it('keeps one vector per text of the fields, and none that is stale', async () => {
    await store.put(['docs'], 'k', { text: 'cat', notes: ['one', 'two'] });
    expect(await vectors()).toEqual(['k notes[*].0 one', 'k notes[*].1 two', 'k text cat']);
    await store.put(['docs'], 'k', { text: 'boat', notes: [] });
    expect(await vectors()).toEqual(['k text boat']);
    await store.put(['docs'], 'k', { text: 'boat', title: 'cat' }, ['title']);
    expect(await vectors()).toEqual(['k title cat']);
    await store.put(['docs'], 'k', { text: 'boat' }, false);
    expect(await vectors()).toEqual([]);
    await store.put(['docs'], 'k', { text: 'boat' });
    await store.delete(['docs'], 'k');
    expect(await vectors()).toEqual([]);
  });

  it('does not find what has expired', async () => {
    await store.put(['docs'], 'k', { text: 'cat' }, undefined, { ttl: 1 });
    await database.pool.query("UPDATE langgraph.store SET expires_at = now() - interval '1 s'");
    expect(await store.search(['docs'], { query: 'cat' })).toEqual([]);
  });

  it('writes nothing when the embedding fails or answers something else', async () => {
    const broken = (embedding: StoreIndex['embedding']) =>
      openStore(database.pool, { ...DEFAULT_STORE, index: { ...index, embedding } });
    const put = (documents: StoreIndex['embedding']['documents']) =>
      broken({ ...index.embedding, documents }).put(['docs'], 'k', { text: 'cat' });
    await expect(put(() => Promise.reject(new Error('no key')))).rejects.toMatchObject({
      code: 'EMBEDDING_FAILED',
      message: expect.stringContaining('no key'),
    });
    await expect(put(async () => [[1, 2]])).rejects.toThrow(/2 numbers where store\.index\.dims .* says 3/);
    await expect(put(async () => [])).rejects.toThrow(/0 vectors for 1 texts/);
    await expect(put(async () => [[1, 2, Number.NaN]])).rejects.toThrow(/EMBEDDING|numbers/);
    expect(await store.get(['docs'], 'k')).toBeNull();
  });
});

describe('the setup of the index', () => {
  it('may be repeated, and refuses vectors of another length', async () => {
    await prepareStoreIndex(database.pool, index);
    await expect(prepareStoreIndex(database.pool, { ...index, dims: 4 })).rejects.toThrow(
      /have 3 numbers, but store\.index\.dims in langgraph\.json says 4/,
    );
  });

  it('refuses a Postgres without pgvector, and says what to do', async () => {
    const plain = await createDatabase();
    try {
      const { rows } = await plain.pool.query<{ n: number }>(
        "SELECT count(*)::int AS n FROM pg_available_extensions WHERE name = 'vector'",
      );
      if (rows[0]?.n === 1) {
        console.log('not tested: this Postgres has pgvector');
        return;
      }
      await expect(prepareStoreIndex(plain.pool, index)).rejects.toThrow(
        /needs the extension pgvector .* does not have it\. Install it/,
      );
      await prepareStoreIndex(plain.pool, null);
    } finally {
      await plain.close();
    }
  });
});
