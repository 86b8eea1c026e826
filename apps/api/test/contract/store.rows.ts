/**
 * The contract of the store.
 */
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { row, type ContractRow } from './contract-row.js';
import { ITEM } from './resource-shapes.js';
import { expectShape, listOf, record, text } from './shape.js';

export const STORE: readonly ContractRow[] = [
  row('PUT /store/items', 'store.putItem', async ({ client }) => {
    const namespace = ['contract', randomUUID()];
    await client.store.putItem(namespace, 'k', { a: 1 }, { index: false, ttl: 10 });
    await client.store.putItem(namespace, 'k', { a: 2 });
    expect(await client.store.getItem(namespace, 'k')).toMatchObject({ value: { a: 2 } });
  }),
  row('GET /store/items', 'store.getItem', async ({ client }) => {
    const namespace = ['contract', randomUUID()];
    expect(await client.store.getItem(namespace, 'k')).toBeNull();
    await client.store.putItem(namespace, 'k', { a: 1 });
    const item = expectShape(await client.store.getItem(namespace, 'k', { refreshTtl: true }), ITEM);
    expect(item).toMatchObject({ namespace, key: 'k', value: { a: 1 } });
  }),
  row('DELETE /store/items', 'store.deleteItem', async ({ client }) => {
    const namespace = ['contract', randomUUID()];
    await client.store.putItem(namespace, 'k', { a: 1 });
    await client.store.deleteItem(namespace, 'k');
    expect(await client.store.getItem(namespace, 'k')).toBeNull();
  }),
  row('POST /store/items/search', 'store.searchItems', async ({ client }) => {
    const namespace = ['contract', randomUUID()];
    for (const a of [1, 2, 3]) await client.store.putItem(namespace, `k${a}`, { a, even: a % 2 === 0 });
    const found = expectShape(await client.store.searchItems(namespace), record({ items: listOf(ITEM) }));
    expect(found.items).toHaveLength(3);
    const odd = await client.store.searchItems(namespace, { filter: { even: false }, limit: 1, offset: 1 });
    expect(odd.items).toHaveLength(1);
  }),
  row('POST /store/namespaces', 'store.listNamespaces', async ({ client }) => {
    const root = randomUUID();
    await client.store.putItem([root, 'a', 'x'], 'k', {});
    await client.store.putItem([root, 'b', 'y'], 'k', {});
    const all = await client.store.listNamespaces({ prefix: [root], maxDepth: 2 });
    expectShape(all, record({ namespaces: listOf(listOf(text)) }));
    expect(all.namespaces.toSorted()).toEqual([
      [root, 'a'],
      [root, 'b'],
    ]);
    const one = await client.store.listNamespaces({ prefix: [root], suffix: ['y'], limit: 1 });
    expect(one.namespaces).toEqual([[root, 'b', 'y']]);
  }),
];
