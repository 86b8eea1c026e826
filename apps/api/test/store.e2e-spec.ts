import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '@langchain/langgraph-sdk';
import type { TestStack } from '@longrun/test-stack';
import supertest from 'supertest';
import { apiUrl, clientOf, query, startStack } from './support.js';

const CONFIG = fileURLToPath(new URL('./graphs/store.langgraph.json', import.meta.url));

describe('the store', () => {
  let stack: TestStack;
  let client: Client;
  let root: string;
  beforeAll(async () => {
    stack = await startStack({ apis: 1, workers: 1, configPath: CONFIG });
    const name = 'langgraph-sdk-1.15';
    const sdk = (await import(name)) as { Client: new (config: object) => Client };
    client = new sdk.Client({ apiUrl: apiUrl(stack), apiKey: null });
  }, 120_000);
  afterAll(() => stack.stop());
  beforeAll(() => {
    root = randomUUID();
  });

  const request = () => supertest(apiUrl(stack));
  const minutesLeft = async (key: string) => {
    const [row] = await query<{ left: number | null }>(
      stack,
      'SELECT round(extract(epoch FROM expires_at - now()) / 60)::float AS left FROM langgraph.store WHERE namespace_path LIKE $1 AND key = $2',
      [`${root}%`, key],
    );
    return row?.left;
  };

  it('puts, gets, replaces and deletes an item through the SDK', async () => {
    await client.store.putItem([root, 'user_1'], 'profile', { name: 'Ada', tags: ['x'] });
    const item = await client.store.getItem([root, 'user_1'], 'profile');
    expect(item).toMatchObject({
      namespace: [root, 'user_1'],
      key: 'profile',
      value: { name: 'Ada', tags: ['x'] },
    });
    expect(Date.parse(item?.createdAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
    await client.store.putItem([root, 'user_1'], 'profile', { name: 'Grace' });
    const replaced = await client.store.getItem([root, 'user_1'], 'profile');
    expect(replaced).toMatchObject({ value: { name: 'Grace' }, createdAt: item?.createdAt });
    await client.store.deleteItem([root, 'user_1'], 'profile');
    expect(await client.store.getItem([root, 'user_1'], 'profile')).toBeNull();
  });

  it('searches with filters, words and pages, and lists namespaces, through the SDK', async () => {
    for (let n = 0; n < 5; n += 1) {
      await client.store.putItem([root, 'search', n % 2 ? 'odd' : 'even'], `k${n}`, {
        n,
        text: `number ${n}`,
      });
    }
    const search = async (options: object) => {
      const { items } = await client.store.searchItems([root, 'search'], options);
      return items.map((item) => item.key);
    };
    expect(await search({})).toEqual(['k4', 'k3', 'k2', 'k1', 'k0']);
    expect(await search({ filter: { n: { $gte: 1, $lt: 4 } } })).toEqual(['k3', 'k2', 'k1']);
    expect(await search({ filter: { n: 2 } })).toEqual(['k2']);
    expect(await search({ limit: 2, offset: 1 })).toEqual(['k3', 'k2']);
    expect(await search({ query: 'number 3' })).toEqual(['k3']);
    const namespaces = (options: object) => client.store.listNamespaces(options);
    expect(await namespaces({ prefix: [root, 'search'] })).toEqual({
      namespaces: [
        [root, 'search', 'even'],
        [root, 'search', 'odd'],
      ],
    });
    expect(await namespaces({ prefix: [root, 'search'], suffix: ['odd'] })).toEqual({
      namespaces: [[root, 'search', 'odd']],
    });
    expect(await namespaces({ prefix: [root, 'search'], maxDepth: 2, limit: 1 })).toEqual({
      namespaces: [[root, 'search']],
    });
  });

  it('is the store of the graphs: what one side writes, the other reads', async () => {
    const namespace = [root, 'shared:1'];
    await client.store.putItem(namespace, 'from_client', { fact: 'client' });
    const state = await client.runs.wait(null, 'remember', { input: { namespace, fact: 'graph' } });
    expect(state).toMatchObject({ found: { fact: { fact: 'graph' }, from_client: { fact: 'client' } } });
    expect(await client.store.getItem(namespace, 'fact')).toMatchObject({
      namespace,
      value: { fact: 'graph' },
    });
    await client.store.deleteItem(namespace, 'fact');
    expect(await client.runs.wait(null, 'remember', { input: { namespace } })).toMatchObject({
      found: { from_client: { fact: 'client' } },
    });
  });

  it('forgets items when their time has passed, for graphs and clients alike', async () => {
    const namespace = [root, 'mortal'];
    await client.store.putItem(namespace, 'own', { n: 1 }, { ttl: 5 });
    await client.store.putItem(namespace, 'default', { n: 1 });
    await client.store.putItem(namespace, 'ever', { n: 1 }, { ttl: null });
    await client.runs.wait(null, 'remember', { input: { namespace, fact: 'of a graph' } });
    expect(await Promise.all(['own', 'default', 'ever', 'fact'].map(minutesLeft))).toEqual([5, 60, null, 60]);

    await query(
      stack,
      "UPDATE langgraph.store SET expires_at = expires_at - interval '4 min' WHERE key = 'own'",
    );
    await client.store.getItem(namespace, 'own');
    expect(await minutesLeft('own')).toBe(1);
    await client.store.getItem(namespace, 'own', { refreshTtl: true });
    expect(await minutesLeft('own')).toBe(5);

    await query(
      stack,
      "UPDATE langgraph.store SET expires_at = now() - interval '1 s' WHERE key IN ('own', 'fact')",
    );
    expect(await client.store.getItem(namespace, 'own')).toBeNull();
    const { items } = await client.store.searchItems(namespace);
    expect(items.map((item) => item.key).sort()).toEqual(['default', 'ever']);
    const state = await client.runs.wait(null, 'remember', { input: { namespace } });
    expect(Object.keys((state as { found: object }).found).sort()).toEqual(['default', 'ever']);
  });

  it('answers with the codes of the platform', async () => {
    const item = { namespace: [root], key: 'k', value: { a: 1 } };
    const put = await request()
      .put('/store/items')
      .send({ ...item, surprise: 1 });
    expect([put.status, put.text, put.headers['x-longrun-ignored-fields']]).toEqual([204, '', 'surprise']);
    const repeated = await request().get(`/store/items?namespace=${root}&key=k`);
    expect(repeated.body).toMatchObject({ namespace: [root], key: 'k', value: { a: 1 } });
    const missing = await request().get(`/store/items?namespace=${root}.x&key=k`);
    expect([missing.status, missing.text, missing.headers['content-type']]).toEqual([
      200,
      'null',
      expect.stringContaining('application/json'),
    ]);
    const gone = await request()
      .delete('/store/items')
      .send({ namespace: [root], key: 'nobody' });
    expect([gone.status, gone.text]).toEqual([204, '']);
    const everything = await request().post('/store/items/search').send({});
    expect(everything.status).toBe(200);
  });

  it.each<[string, 'put' | 'post' | 'delete' | 'get', string, object, number, RegExp]>([
    [
      'an empty namespace',
      'put',
      'items',
      { namespace: [], key: 'k', value: {} },
      400,
      /Namespace is required/,
    ],
    ['no namespace', 'put', 'items', { key: 'k', value: {} }, 400, /Namespace is required/],
    ['no namespace to read', 'get', 'items?key=k', {}, 400, /Namespace is required/],
    ['no namespace to delete', 'delete', 'items', { key: 'k' }, 400, /Namespace is required/],
    [
      'a period in a label',
      'put',
      'items',
      { namespace: ['a.b'], key: 'k', value: {} },
      422,
      /namespace: .*period/,
    ],
    [
      'an empty label',
      'put',
      'items',
      { namespace: ['a', ''], key: 'k', value: {} },
      422,
      /namespace: .*not empty/,
    ],
    ['an empty label to read', 'get', 'items?namespace=a..b&key=k', {}, 422, /namespace: .*not empty/],
    ['a label that is no text', 'put', 'items', { namespace: [1], key: 'k', value: {} }, 422, /namespace: /],
    ['no key', 'put', 'items', { namespace: ['a'], value: {} }, 422, /key: /],
    ['an empty key', 'put', 'items', { namespace: ['a'], key: '', value: {} }, 422, /key: must be a text/],
    ['NUL in a key', 'get', 'items?namespace=a&key=a%00b', {}, 422, /key: .*NUL/],
    ['NUL in a label', 'get', 'items?namespace=a%00&key=k', {}, 422, /namespace: .*NUL/],
    [
      'a key that is too long',
      'put',
      'items',
      { namespace: ['a'], key: 'x'.repeat(1_001), value: {} },
      422,
      /key: /,
    ],
    [
      'a value that is a list',
      'put',
      'items',
      { namespace: ['a'], key: 'k', value: [] },
      422,
      /value: must be a JSON object/,
    ],
    ['no value', 'put', 'items', { namespace: ['a'], key: 'k' }, 422, /value: /],
    [
      'a time to live of nothing',
      'put',
      'items',
      { namespace: ['a'], key: 'k', value: {}, ttl: 0 },
      422,
      /ttl: /,
    ],
    [
      'a time to live in words',
      'put',
      'items',
      { namespace: ['a'], key: 'k', value: {}, ttl: '5' },
      422,
      /ttl: /,
    ],
    [
      'an index of true',
      'put',
      'items',
      { namespace: ['a'], key: 'k', value: {}, index: true },
      422,
      /index: must be false/,
    ],
    [
      'an unknown operator',
      'post',
      'items/search',
      { filter: { n: { $near: 1 } } },
      422,
      /filter\.n\.\$near/,
    ],
    ['a filter that is a list', 'post', 'items/search', { filter: [] }, 422, /filter: /],
    ['a limit of nothing', 'post', 'items/search', { limit: 0 }, 422, /limit: /],
    ['a limit beyond bounds', 'post', 'items/search', { limit: 1_001 }, 422, /limit: /],
    [
      'a wrong label in a prefix',
      'post',
      'items/search',
      { namespace_prefix: ['a.b'] },
      422,
      /namespace_prefix: /,
    ],
    ['a wrong label in a suffix', 'post', 'namespaces', { suffix: [''] }, 422, /suffix: /],
    ['a depth of nothing', 'post', 'namespaces', { max_depth: 0 }, 422, /max_depth: /],
  ])('%s is refused by name', async (_name, method, path, body, status, message) => {
    const call = request()[method](`/store/${path}`);
    const response = await (method === 'get' ? call : call.send(body));
    expect([response.status, (response.body as { detail: string }).detail]).toEqual([
      status,
      expect.stringMatching(message),
    ]);
  });
});

describe('a store with an index', () => {
  const configPath = fileURLToPath(new URL('./graphs/store-index.langgraph.json', import.meta.url));

  it('finds by meaning where Postgres has pgvector; elsewhere the server refuses to start and says why', async () => {
    let stack: TestStack;
    try {
      stack = await startStack({ mode: 'single', configPath, restart: false });
    } catch (error) {
      expect(String(error)).toMatch(
        /needs the extension pgvector in Postgres, and this server does not have it\. Install it/,
      );
      return;
    }
    try {
      const client = clientOf(stack);
      await client.store.putItem(['docs'], 'short', { text: 'a b' });
      await client.store.putItem(['docs'], 'long', { text: 'a text that is long' });
      const { items } = await client.store.searchItems(['docs'], { query: 'c d' });
      expect(items.map((item) => [item.key, item.score])).toEqual([
        ['short', 1],
        ['long', expect.any(Number)],
      ]);
    } finally {
      await stack.stop();
    }
  }, 120_000);
});
