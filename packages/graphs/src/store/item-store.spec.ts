import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Operation } from '@langchain/langgraph-checkpoint';
import { createDatabase, type TestDatabase } from '../../test/fixture.js';
import { openStore } from './fenced-store.js';
import type { ItemStore } from './item-store.js';
import { DEFAULT_STORE } from './store-settings.js';

let database: TestDatabase;
let store: ItemStore;
beforeAll(async () => {
  database = await createDatabase();
  store = openStore(database.pool);
});
beforeEach(() => database.pool.query('TRUNCATE langgraph.store CASCADE'));
afterAll(() => database.close());

const keys = (items: readonly { key: string }[]) => items.map((item) => item.key).sort();
const withTtl = (ttl: Partial<(typeof DEFAULT_STORE)['ttl']>) =>
  openStore(database.pool, { ...DEFAULT_STORE, ttl: { ...DEFAULT_STORE.ttl, ...ttl } });
/** Lets a time pass for every item. */
const pass = (minutes: number) =>
  database.pool.query("UPDATE langgraph.store SET expires_at = expires_at - $1 * interval '1 minute'", [
    minutes,
  ]);
const minutesLeft = async (key: string) => {
  const { rows } = await database.pool.query<{ left: number | null }>(
    'SELECT extract(epoch FROM expires_at - now()) / 60 AS left FROM langgraph.store WHERE key = $1',
    [key],
  );
  const left = rows[0]?.left ?? null;
  return left === null ? null : Math.round(Number(left));
};

describe('items of the store', () => {
  it('come back as they were put, are replaced, and go', async () => {
    await store.put(['users', 'user_1'], 'profile', { name: 'Ada', list: [1, null], deep: { a: 'é' } });
    const first = await store.get(['users', 'user_1'], 'profile');
    expect(first).toMatchObject({
      namespace: ['users', 'user_1'],
      key: 'profile',
      value: { name: 'Ada', list: [1, null], deep: { a: 'é' } },
    });
    await store.put(['users', 'user_1'], 'profile', { name: 'Grace' });
    const second = await store.get(['users', 'user_1'], 'profile');
    expect(second?.value).toEqual({ name: 'Grace' });
    expect(second?.createdAt).toEqual(first?.createdAt);
    expect(Number(second?.updatedAt)).toBeGreaterThan(Number(first?.updatedAt));
    await store.delete(['users', 'user_1'], 'profile');
    await store.delete(['users', 'user_1'], 'profile');
    expect(await store.get(['users', 'user_1'], 'profile')).toBeNull();
  });

  it('are found at and below a prefix of whole labels, newest first, page by page', async () => {
    for (const [i, namespace] of [['u'], ['u', '1'], ['u', '1', 'x'], ['u%'], ['us'], ['u:1']].entries()) {
      await store.put(namespace, `k${i}`, { i });
    }
    expect((await store.search(['u'])).map((item) => item.key)).toEqual(['k2', 'k1', 'k0']);
    expect((await store.search(['u'], { limit: 1, offset: 1 })).map((item) => item.key)).toEqual(['k1']);
    expect(keys(await store.search(['u%']))).toEqual(['k3']);
    expect(keys(await store.search(['u:1']))).toEqual(['k5']);
    expect(await store.search([], { limit: 100 })).toHaveLength(6);
  });

  it('are found by words when there is no index', async () => {
    await store.put(['notes'], 'a', { text: 'The cat is running' });
    await store.put(['notes'], 'b', { text: '100% dogs' });
    expect((await store.search(['notes'], { query: 'run' })).map((item) => item.key)).toEqual(['a']);
    expect(keys(await store.search(['notes'], { query: '0% d' }))).toEqual(['b']);
    expect(await store.search(['notes'], { query: 'c%t' })).toEqual([]);
  });

  it('are reached by batches, in their order', async () => {
    const [, item, found, gone, namespaces] = await store.batch<Operation[]>([
      { namespace: ['a'], key: 'k', value: { n: 1 } },
      { namespace: ['a'], key: 'k' },
      { namespacePrefix: ['a'], filter: { n: 1 } },
      { namespace: ['a'], key: 'k', value: null },
      { matchConditions: [], limit: 10, offset: 0 },
    ]);
    expect([item, found, gone, namespaces]).toMatchObject([{ key: 'k' }, [{ key: 'k' }], undefined, []]);
  });
});

describe('a filter', () => {
  beforeEach(async () => {
    const values: Record<string, Record<string, unknown>> = {
      one: { n: 1, kind: 'a', tags: ['x'], deep: { a: 1, b: 2 } },
      two: { n: 2, kind: 'b', flag: true },
      ten: { n: 10, kind: 'c', flag: null },
      text: { n: '10', kind: 'not a number' },
    };
    for (const [key, value] of Object.entries(values)) await store.put(['f'], key, value);
  });

  it.each<[Record<string, unknown>, string[]]>([
    [{ n: 10 }, ['ten']],
    [{ n: '10' }, ['text']],
    [{ kind: 'a', n: 1 }, ['one']],
    [{ flag: null }, ['ten']],
    [{ flag: true }, ['two']],
    [{ tags: ['x'] }, ['one']],
    [{ deep: { a: 1 } }, ['one']],
    [{ n: { $eq: 1 } }, ['one']],
    [{ n: { $ne: 1 } }, ['ten', 'text', 'two']],
    [{ missing: { $ne: 1 } }, ['one', 'ten', 'text', 'two']],
    [{ n: { $gt: 1 } }, ['ten', 'two']],
    [{ n: { $gte: 2, $lt: 10 } }, ['two']],
    [{ n: { $lte: 2 } }, ['one', 'two']],
    [{ kind: { $gt: 'a', $lt: 'c' } }, ['two']],
    [{ n: { $in: [1, 10] } }, ['one', 'ten']],
    [{ n: { $nin: [1, 10] } }, ['text', 'two']],
    [{ missing: { $nin: [1] } }, ['one', 'ten', 'text', 'two']],
    [{ flag: { $exists: true } }, ['ten', 'two']],
    [{ flag: { $exists: false } }, ['one', 'text']],
    [{ n: undefined }, ['one', 'ten', 'text', 'two']],
  ])('%j finds %j', async (filter, expected) => {
    expect(keys(await store.search(['f'], { filter }))).toEqual(expected);
  });

  it.each([
    [{ n: { $near: 1 } }, /filter\.n\.\$near: is no operator; use \$eq/],
    [{ n: { $gt: [1] } }, /filter\.n\.\$gt: needs a number or a text/],
    [{ n: { $in: 1 } }, /filter\.n\.\$in: needs a list/],
    [{ n: { $exists: 1 } }, /filter\.n\.\$exists: needs true or false/],
  ])('%j is refused by name', async (filter, message) => {
    await expect(store.search(['f'], { filter })).rejects.toThrow(message);
  });
});

describe('namespaces', () => {
  beforeEach(async () => {
    for (const labels of [['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'x', 'c'], ['a:b'], ['d', 'c']]) {
      await store.put(labels, 'k', {});
    }
  });

  it.each([
    [{}, [['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'x', 'c'], ['a:b'], ['d', 'c']]],
    [
      { prefix: ['a', 'b'] },
      [
        ['a', 'b'],
        ['a', 'b', 'c'],
      ],
    ],
    [
      { prefix: ['a', '*', 'c'] },
      [
        ['a', 'b', 'c'],
        ['a', 'x', 'c'],
      ],
    ],
    [{ prefix: ['*', 'c'] }, [['d', 'c']]],
    [
      { suffix: ['c'] },
      [
        ['a', 'b', 'c'],
        ['a', 'x', 'c'],
        ['d', 'c'],
      ],
    ],
    [{ suffix: ['b', '*'] }, [['a', 'b', 'c']]],
    [
      { prefix: ['a'], suffix: ['c'] },
      [
        ['a', 'b', 'c'],
        ['a', 'x', 'c'],
      ],
    ],
    [{ prefix: ['a:b'] }, [['a:b']]],
    [{ prefix: ['a'], maxDepth: 2 }, [['a'], ['a', 'b'], ['a', 'x']]],
    [{ maxDepth: 1 }, [['a'], ['a:b'], ['d']]],
    [{ maxDepth: 1, limit: 1, offset: 1 }, [['a:b']]],
  ])('%j lists %j', async (options, expected) => {
    const sorted = (list: string[][]) => list.map((labels) => JSON.stringify(labels)).sort();
    expect(sorted(await store.listNamespaces(options))).toEqual(sorted(expected));
  });

  it('refuse a label that cannot be', async () => {
    await expect(store.listNamespaces({ suffix: ['a.b'] })).rejects.toThrow(/suffix: the label "a\.b"/);
  });
});

describe('the time to live', () => {
  it('hides an item from every read as soon as it has passed', async () => {
    await store.put(['t'], 'mortal', { n: 1 }, undefined, { ttl: 5 });
    await store.put(['t', 'u'], 'other', { n: 1 });
    expect(await minutesLeft('mortal')).toBe(5);
    await pass(5.01);
    expect(await store.get(['t'], 'mortal')).toBeNull();
    expect(keys(await store.search(['t']))).toEqual(['other']);
    expect(keys(await store.search(['t'], { query: '1' }))).toEqual(['other']);
    expect(await store.listNamespaces()).toEqual([['t', 'u']]);
    const { rowCount } = await database.pool.query("SELECT 1 FROM langgraph.store WHERE key = 'mortal'");
    expect(rowCount).toBe(1);
  });

  it('makes a new item of one that had expired', async () => {
    await store.put(['t'], 'k', { n: 1 }, undefined, { ttl: 5 });
    const { rows } = await database.pool.query<{ at: Date }>(
      "UPDATE langgraph.store SET created_at = now() - interval '1 day', expires_at = now() - interval '1 s' RETURNING created_at AS at",
    );
    await store.put(['t'], 'k', { n: 2 });
    const item = await store.get(['t'], 'k');
    expect(item?.value).toEqual({ n: 2 });
    expect(Number(item?.createdAt)).toBeGreaterThan(Number(rows[0]?.at));
    expect(await minutesLeft('k')).toBeNull();
  });

  it('begins anew with a read that asks for it, and with each read unless langgraph.json says no', async () => {
    await store.put(['t'], 'k', { n: 1 }, undefined, { ttl: 10 });
    const before = await store.get(['t'], 'k', { refreshTtl: false });
    await pass(4);
    await store.get(['t'], 'k', { refreshTtl: false });
    expect(await minutesLeft('k')).toBe(6);
    const after = await store.get(['t'], 'k');
    expect(await minutesLeft('k')).toBe(10);
    expect(after?.updatedAt).toEqual(before?.updatedAt);
    await pass(4);
    await withTtl({ refreshOnRead: false }).search(['t']);
    expect(await minutesLeft('k')).toBe(6);
    await withTtl({ refreshOnRead: false }).search(['t'], { refreshTtl: true });
    expect(await minutesLeft('k')).toBe(10);
  });

  it('is that of langgraph.json unless the put says otherwise, and null is for ever', async () => {
    const configured = withTtl({ defaultTtlMinutes: 30 });
    await configured.put(['t'], 'default', {});
    await configured.put(['t'], 'own', {}, undefined, { ttl: 3 });
    await configured.put(['t'], 'ever', {}, undefined, { ttl: null });
    expect(await Promise.all(['default', 'own', 'ever'].map(minutesLeft))).toEqual([30, 3, null]);
    await expect(store.put(['t'], 'k', {}, undefined, { ttl: 0 })).rejects.toThrow(/ttl: must be a number/);
    await expect(store.put(['t'], 'k', {}, undefined, { ttl: 1e300 })).rejects.toThrow(
      /ttl: must be a number/,
    );
  });
});
