/**
 * Filters of handlers on items of the store: about their values, with namespace and key beside.
 */
import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool } from '@longrun/database';
import { createRegistry, openStore, type ItemStore } from '@longrun/graphs';
import { createLogger } from '@longrun/service-kit';
import { createTestDatabase } from '@longrun/test-stack';
import type pg from 'pg';
import { toCaller } from '../../src/auth/caller.js';
import { CustomAuth } from '../../src/auth/custom-auth.js';
import { RequestAccess } from '../../src/auth/request-access.js';
import { StoreAccess } from '../../src/store/store-access.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let items: ItemStore;
let store: StoreAccess;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, poolSize: 4 });
  items = openStore(pool, createRegistry([]).store);
  store = new StoreAccess(items);
});
afterEach(() => pool.query('TRUNCATE langgraph.store'));
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Somebody for whom every handler of the store answers with this filter. */
function under(filter: Record<string, unknown>): RequestAccess {
  const handlers = { authenticate: () => 'alice', callbacks: { store: () => filter } };
  const options = {
    timeoutMs: 1_000,
    studioKey: undefined,
    log: createLogger('api', { LOG_LEVEL: 'silent' }),
  };
  return new RequestAccess(toCaller('alice'), new CustomAuth(handlers, options), pool);
}

const put = (namespace: string[], key: string, value: Record<string, unknown>) =>
  items.put(namespace, key, value);
const keysFor = async (filter: Record<string, unknown>, query?: string): Promise<string[]> => {
  const { namespace, meant } = await store.toSearch(under(filter), { ...(query ? { query } : {}) });
  const found = await items.search(namespace, { meant, filter: { kind: 'note' }, query });
  return found.map(({ key }) => key).sort();
};

describe('a filter on items', () => {
  it('is part of a search, with its own filter and with words', async () => {
    await put(['a'], 'mine', { owner: 'alice', kind: 'note', text: 'blue whale' });
    await put(['a'], 'other', { owner: 'bob', kind: 'note', text: 'blue whale' });
    await put(['a'], 'list', { owner: 'alice', kind: 'list', text: 'blue whale' });
    expect(await keysFor({ owner: 'alice' })).toEqual(['mine']);
    expect(await keysFor({ owner: 'alice' }, 'whale')).toEqual(['mine']);
    expect(await keysFor({})).toEqual(['mine', 'other']);
  });

  it('may be about namespace and key, which no value can claim', async () => {
    await put(['team:red', 'x'], 'k', { kind: 'note' });
    await put(['team:blue'], 'k2', { kind: 'note', namespace: ['team:red'], key: 'k' });
    expect(await keysFor({ namespace: { $contains: 'team:red' } })).toEqual(['k']);
    expect(await keysFor({ key: 'k' })).toEqual(['k']);
  });

  it('decides which namespaces are listed', async () => {
    await put(['a', 'one'], 'k', { owner: 'alice' });
    await put(['a', 'two'], 'k', { owner: 'bob' });
    const { prefix, meant } = await store.toList(under({ owner: 'alice' }), { prefix: ['a'] });
    expect(await items.listNamespaces({ prefix, meant })).toEqual([['a', 'one']]);
  });

  it('hides an item from a get and from a delete', async () => {
    await put(['a'], 'k', { owner: 'bob' });
    const alice = under({ owner: 'alice' });
    const { meant } = await store.toGet(alice, { namespace: ['a'], key: 'k' });
    expect(await items.get(['a'], 'k', { meant })).toBeNull();
    expect(await store.toDelete(alice, { namespace: ['a'], key: 'k' })).toMatchObject({ isOwn: false });
    expect(await store.toDelete(alice, { namespace: ['a'], key: 'none' })).toMatchObject({ isOwn: true });
    await put(['a'], 'k', { owner: 'alice' });
    expect(await store.toDelete(alice, { namespace: ['a'], key: 'k' })).toMatchObject({ isOwn: true });
  });

  it('refuses an item that it does not mean, and one in the place of somebody else’s', async () => {
    const alice = under({ owner: 'alice' });
    const attempt = (key: string, owner: string) =>
      store.toPut(alice, { namespace: ['a'], key, value: { owner } }).then(
        () => 'allowed',
        (error: unknown) => (error as { status: number }).status,
      );
    await put(['a'], 'taken', { owner: 'bob' });
    expect(await attempt('free', 'alice')).toBe('allowed');
    expect(await attempt('free', 'bob')).toBe(403);
    expect(await attempt('taken', 'alice')).toBe(403);
  });
});
