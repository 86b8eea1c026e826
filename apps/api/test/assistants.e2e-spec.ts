/**
 * Assistants and their versions, through the newest SDK and on the wire; two apis, so that nothing is remembered by one.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, type Assistant } from 'langgraph-sdk-1.15';
import { readSse, waitUntil } from '@longrun/testing';
import type { TestStack } from '@longrun/test-stack';
import supertest from 'supertest';
import { apiUrl, query, runRow, startStack, upTo } from './support.js';

interface Kwargs {
  config: { configurable: { model: string } };
}

describe('assistants', () => {
  let stack: TestStack;
  let client: Client;
  let other: Client;
  beforeAll(async () => {
    stack = await startStack({
      workers: 1,
      sweepers: 0,
      env: { LANGGRAPH_CONFIG: '{"nested": {"configurable": {"model": "small"}, "context": {"user": "u"}}}' },
    });
    client = new Client({ apiUrl: apiUrl(stack), apiKey: null });
    other = new Client({ apiUrl: apiUrl(stack, 1), apiKey: null });
  }, 120_000);
  afterAll(() => stack.stop());

  const wire = () => supertest(apiUrl(stack));
  const create = (payload: object = {}) =>
    client.assistants.create({ graphId: 'steps', metadata: { test: randomUUID() }, ...payload });
  const exists = async (assistantId: string) =>
    client.assistants.get(assistantId).then(
      () => true,
      () => false,
    );

  describe('creating one', () => {
    it('gives it defaults, an id and version 1', async () => {
      const made = await client.assistants.create({ graphId: 'steps' });
      expect(made).toEqual({
        assistant_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        graph_id: 'steps',
        name: 'Untitled',
        description: null,
        config: {},
        context: {},
        metadata: {},
        version: 1,
        created_at: expect.stringMatching(/Z$/),
        updated_at: made.created_at,
      });
      expect(await other.assistants.get(made.assistant_id)).toEqual(made);
    });

    it('takes every field', async () => {
      const fields = {
        assistantId: randomUUID(),
        graphId: 'chat',
        name: 'Mine',
        description: 'For me',
        config: { recursion_limit: 9, tags: ['t'], configurable: { a: 1 } },
        context: { b: 2 },
        metadata: { c: { d: [3] } },
      };
      const { assistantId, graphId, ...rest } = fields;
      const expected = { assistant_id: assistantId, graph_id: graphId, ...rest, version: 1 };
      expect(await client.assistants.create(fields)).toMatchObject(expected);
      expect(await client.assistants.getVersions(assistantId)).toMatchObject([expected]);
    });

    it('refuses an id that is taken, or gives what has it', async () => {
      const made = await create({ name: 'first' });
      const again = { assistantId: made.assistant_id, graphId: 'chat', name: 'second' };
      await expect(client.assistants.create(again)).rejects.toThrow(/HTTP 409: .*exists already/);
      expect(await client.assistants.create({ ...again, ifExists: 'do_nothing' })).toEqual(made);
    });

    it('lets one of many at once win', async () => {
      const assistantId = randomUUID();
      const made = await Promise.allSettled(upTo(10).map((n) => create({ assistantId, name: `n${n}` })));
      const winners = made.filter((result) => result.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      expect(await client.assistants.getVersions(assistantId)).toHaveLength(1);
    });

    it('refuses a graph that is not served with 404, and names those that are', async () => {
      const answer = await wire().post('/assistants').send({ graph_id: 'nobody' });
      expect([answer.status, answer.body]).toMatchObject([404, { code: 'GRAPH_NOT_SERVED' }]);
      expect(answer.body.detail).toMatch(/graph_id: No graph is called "nobody" \(known graphs: .*steps/);
    });

    it.each([
      [{}, /graph_id/],
      [{ graph_id: 'steps', assistant_id: 'x' }, /assistant_id/],
      [{ graph_id: 'steps', config: { recursion_limit: -1 } }, /config/],
      [{ graph_id: 'steps', context: [] }, /context/],
      [{ graph_id: 'steps', metadata: 'x' }, /metadata/],
      [{ graph_id: 'steps', name: 7 }, /name/],
      [{ graph_id: 'steps', if_exists: 'maybe' }, /if_exists/],
    ])('names the field that is wrong in %j', async (body, field) => {
      const answer = await wire().post('/assistants').send(body);
      expect([answer.status, answer.body.detail]).toEqual([422, expect.stringMatching(field)]);
    });
  });

  describe('changing one', () => {
    it('merges metadata, replaces what is given, keeps the rest, and is the next version', async () => {
      const made = await create({
        name: 'before',
        description: 'kept',
        config: { configurable: { a: 1 } },
        context: { x: 1 },
        metadata: { one: 1, both: 1 },
      });
      const id = made.assistant_id;
      const patched = await client.assistants.update(id, {
        config: { configurable: { b: 2 } },
        metadata: { two: 2, both: 2 },
        name: 'after',
      });
      expect(patched).toEqual({
        ...made,
        version: 2,
        name: 'after',
        config: { configurable: { b: 2 } },
        metadata: { one: 1, two: 2, both: 2 },
        updated_at: expect.any(String),
      });
      expect(Date.parse(patched.updated_at)).toBeGreaterThan(Date.parse(made.updated_at));
      expect(await client.assistants.update(id, { graphId: 'chat', context: {} })).toMatchObject({
        graph_id: 'chat',
        context: {},
        version: 3,
        description: 'kept',
      });
      const cleared = await wire().patch(`/assistants/${id}`).send({ description: null, name: null });
      expect(cleared.body).toMatchObject({ description: null, name: 'after', version: 4 });
    });

    it('gives 20 changes at once, through two apis, 20 versions, and loses none', async () => {
      const { assistant_id: id } = await create({ metadata: {} });
      // Not through the SDK, which would send a change again that failed.
      const patched = await Promise.all(
        upTo(20).map((n) =>
          supertest(apiUrl(stack, n % 2))
            .patch(`/assistants/${id}`)
            .send({ metadata: { [`k${n}`]: n } }),
        ),
      );
      expect(patched.map(({ status }) => status)).toEqual(upTo(20).map(() => 200));
      const given = patched.map(({ body }) => (body as { version: number }).version);
      expect(given.sort((a, b) => a - b)).toEqual(upTo(20).map((n) => n + 2));
      const versions = await client.assistants.getVersions(id, { limit: 100 });
      expect(versions.map(({ version }) => version)).toEqual(upTo(21).map((n) => 21 - n));
      expect((await client.assistants.get(id)).metadata).toEqual(
        Object.fromEntries(upTo(20).map((n) => [`k${n}`, n])),
      );
      for (const { version, metadata } of versions)
        expect(Object.keys(metadata ?? {})).toHaveLength(version - 1);
    });

    it('tells next runs, on every api', async () => {
      const { assistant_id: id } = await create({ config: { configurable: { model: 'one' } } });
      const modelOf = async (api: Client) => {
        const { kwargs } = (await api.runs.create(null, id, { input: {} })) as unknown as { kwargs: Kwargs };
        return kwargs.config.configurable.model;
      };
      expect(await modelOf(other)).toBe('one');
      await client.assistants.update(id, { config: { configurable: { model: 'two' } } });
      expect(await modelOf(other)).toBe('two');
    });

    it('answers 404 for one that does not exist, or a graph that does not', async () => {
      await expect(client.assistants.update(randomUUID(), { name: 'x' })).rejects.toThrow(
        /HTTP 404: .*Assistant not found/,
      );
      const { assistant_id: id } = await create();
      await expect(client.assistants.update(id, { graphId: 'nobody' })).rejects.toThrow(/HTTP 404: .*nobody/);
      expect((await client.assistants.get(id)).version).toBe(1);
    });
  });

  describe('versions', () => {
    it('are listed newest first, in pages, by metadata', async () => {
      const { assistant_id: id } = await create({ metadata: { kind: 'a' } });
      for (const kind of ['b', 'a', 'b']) await client.assistants.update(id, { metadata: { kind } });
      const numbers = async (options: object) =>
        (await client.assistants.getVersions(id, options)).map(({ version }) => version);
      expect(await numbers({})).toEqual([4, 3, 2, 1]);
      expect(await numbers({ limit: 2, offset: 1 })).toEqual([3, 2]);
      expect(await numbers({ metadata: { kind: 'a' } })).toEqual([3, 1]);
      expect(await numbers({ metadata: { kind: 'c' } })).toEqual([]);
      await expect(client.assistants.getVersions(randomUUID())).rejects.toThrow(/HTTP 404/);
    });

    it('can be gone back to, and the numbers go on behind the newest', async () => {
      const first = {
        name: 'one',
        description: 'd1',
        config: { tags: ['1'] },
        context: { n: 1 },
        metadata: { n: 1 },
      };
      const { assistant_id: id } = await create(first);
      await client.assistants.update(id, {
        graphId: 'chat',
        name: 'two',
        description: 'd2',
        config: {},
        context: {},
        metadata: { m: 2 },
      });
      expect(await client.assistants.setLatest(id, 1)).toMatchObject({
        ...first,
        graph_id: 'steps',
        version: 1,
      });
      expect(await other.assistants.get(id)).toMatchObject({ ...first, graph_id: 'steps', version: 1 });
      expect(await client.assistants.update(id, { name: 'three' })).toMatchObject({
        ...first,
        name: 'three',
        version: 3,
      });
      await expect(client.assistants.setLatest(id, 9)).rejects.toThrow(
        /HTTP 404: .*Assistant version not found/,
      );
      await expect(client.assistants.setLatest(randomUUID(), 1)).rejects.toThrow(
        /HTTP 404: .*Assistant not found/,
      );
      const wrong = await wire().post(`/assistants/${id}/latest`).send({ version: 'x' });
      expect([wrong.status, wrong.body.detail]).toEqual([422, expect.stringMatching(/^version: /)]);
    });

    it('can be named in the query, over which the body wins', async () => {
      const { assistant_id: id } = await create({});
      for (const name of ['two', 'three']) await client.assistants.update(id, { name });
      const latest = (query: string) => wire().post(`/assistants/${id}/latest${query}`);
      expect((await latest('?version=1')).body).toMatchObject({ version: 1 });
      expect((await latest('?version=1').send({ version: 2 })).body).toMatchObject({ version: 2 });
      for (const wrong of [await latest(''), await latest('?version=x'), await latest('?version=0')]) {
        expect([wrong.status, wrong.body.detail]).toEqual([422, expect.stringMatching(/^version: must/)]);
      }
      expect((await client.assistants.get(id)).version).toBe(2);
    });
  });

  describe('looking for some', () => {
    const batch = randomUUID();
    let made: Assistant[];
    beforeAll(async () => {
      made = [];
      for (const name of ['Alpha 1%', 'alpha_2', 'Beta']) {
        made.push(
          await create({ name, graphId: name === 'Beta' ? 'chat' : 'steps', metadata: { batch, name } }),
        );
      }
    });
    const found = async (options: object) =>
      (await client.assistants.search({ metadata: { batch }, ...options })).map(({ name }) => name);

    it('finds by metadata, graph and a part of the name, literally and in any case', async () => {
      expect(await found({})).toEqual(['Beta', 'alpha_2', 'Alpha 1%']);
      expect(await found({ graphId: 'chat' })).toEqual(['Beta']);
      expect(await found({ name: 'ALPHA' })).toEqual(['alpha_2', 'Alpha 1%']);
      expect(await found({ name: '%' })).toEqual(['Alpha 1%']);
      expect(await found({ name: '_' })).toEqual(['alpha_2']);
      expect(await found({ metadata: { batch, name: 'Beta' } })).toEqual(['Beta']);
    });

    it('sorts, pages and selects, and tells where the next page begins', async () => {
      expect(await found({ sortBy: 'name', sortOrder: 'asc' })).toHaveLength(3);
      expect(await found({ sortBy: 'created_at', sortOrder: 'asc' })).toEqual([
        'Alpha 1%',
        'alpha_2',
        'Beta',
      ]);
      const page = await client.assistants.search({ metadata: { batch }, limit: 2, includePagination: true });
      expect([page.assistants.length, page.next]).toEqual([2, '2']);
      const body = { metadata: { batch }, limit: 2, offset: 2, select: ['name', 'version'] };
      const last = await wire().post('/assistants/search').send(body);
      expect([last.body, last.headers['x-pagination-total'], last.headers['x-pagination-next']]).toEqual([
        [{ name: 'Alpha 1%', version: 1 }],
        '3',
        undefined,
      ]);
      const beyond = await wire().post('/assistants/search').send({ metadata: { batch }, offset: 50 });
      expect([beyond.body, beyond.headers['x-pagination-total']]).toEqual([[], '3']);
      for (const wrong of [
        { limit: 0 },
        { limit: 1001 },
        { offset: -1 },
        { sort_by: 'x' },
        { select: ['x'] },
      ]) {
        expect((await wire().post('/assistants/search').send(wrong)).status).toBe(422);
      }
    });

    it('counts, as a bare number', async () => {
      expect(await client.assistants.count({ metadata: { batch } })).toBe(3);
      expect(await client.assistants.count({ metadata: { batch }, graphId: 'steps', name: '2' })).toBe(1);
      const answer = await wire()
        .post('/assistants/count')
        .send({ metadata: { batch: 'no' } });
      expect([answer.text, answer.headers['content-type']]).toEqual([
        '0',
        expect.stringMatching(/^application\/json/),
      ]);
    });
  });

  describe('the one of a graph', () => {
    it('is meant by the name of the graph, and has what LANGGRAPH_CONFIG says', async () => {
      const nested = await client.assistants.get('nested');
      expect(nested).toMatchObject({
        name: 'nested',
        config: { configurable: { model: 'small' } },
        context: { user: 'u' },
        metadata: { created_by: 'system' },
        version: 1,
      });
      expect(await client.assistants.getVersions('nested')).toMatchObject([
        { assistant_id: nested.assistant_id, version: 1 },
      ]);
      await expect(client.assistants.get('nobody')).rejects.toThrow(/HTTP 404: .*Assistant not found/);
    });

    it('can be changed, but neither deleted nor given another graph', async () => {
      expect(await client.assistants.update('fails', { name: 'Fails' })).toMatchObject({
        name: 'Fails',
        version: 2,
      });
      const deleted = await wire().delete('/assistants/fails');
      expect([deleted.status, deleted.body.code]).toEqual([409, 'ASSISTANT_IS_SYSTEM']);
      await expect(client.assistants.update('fails', { graphId: 'steps' })).rejects.toThrow(/HTTP 409/);
      expect(await client.assistants.update('fails', { graphId: 'fails' })).toMatchObject({ version: 3 });
    });
  });

  describe('deleting one', () => {
    it('answers with its id and leaves nothing of it', async () => {
      const { assistant_id: id } = await create();
      await client.assistants.update(id, { name: 'x' });
      const { thread_id } = await client.threads.create();
      const run = await client.runs.create(thread_id, id, { input: {} });
      await client.runs.join(thread_id, run.run_id);
      const answer = await wire().delete(`/assistants/${id}`);
      expect([answer.status, answer.body]).toEqual([200, [id]]);
      const [left] = await query(
        stack,
        `SELECT (SELECT count(*) FROM assistant WHERE assistant_id = $1)::int
          + (SELECT count(*) FROM assistant_version WHERE assistant_id = $1)::int
          + (SELECT count(*) FROM run WHERE assistant_id = $1)::int
          + (SELECT count(*) FROM run_event WHERE run_id = $2)::int AS rows`,
        [id, run.run_id],
      );
      expect(left).toEqual({ rows: 0 });
      expect((await client.threads.get(thread_id)).status).toBe('idle');
      await expect(client.assistants.delete(id)).rejects.toThrow(/HTTP 404/);
      await expect(client.runs.create(thread_id, id, { input: {} })).rejects.toThrow(/HTTP 404/);
    });

    it('ends its runs first: readers see an end, and the next run of the thread goes on', async () => {
      const { assistant_id: id } = await create();
      const { thread_id } = await client.threads.create();
      const running = await client.runs.create(thread_id, id, {
        input: { ms: 60_000 },
        streamMode: 'custom',
      });
      const waiting = await client.runs.create(thread_id, id, { input: {} });
      const foreign = await client.runs.create(thread_id, 'steps', { input: { ms: 0 } });
      const path = `/threads/${thread_id}/runs/${running.run_id}/stream`;
      const seen: string[] = [];
      const reading = readToEnd(`${apiUrl(stack, 1)}${path}`, seen);
      await waitUntil(() => seen.includes('custom'));
      await client.assistants.delete(id);
      await reading;
      // An end, and not the notice that the log is gone.
      expect(seen).toEqual(['metadata', 'custom']);
      expect([await runRow(stack, running.run_id), await runRow(stack, waiting.run_id)]).toEqual([
        undefined,
        undefined,
      ]);
      await client.runs.join(thread_id, foreign.run_id);
      expect((await client.runs.get(thread_id, foreign.run_id)).status).toBe('success');
    });

    it('keeps the threads, or deletes those whose newest run was its', async () => {
      const [kept, gone] = [await create(), await create()];
      const runOn = async ({ assistant_id }: Assistant) => {
        const { thread_id } = await client.threads.create();
        await client.runs.wait(thread_id, assistant_id, { input: {} });
        return thread_id;
      };
      const [keptThread, goneThread] = [await runOn(kept), await runOn(gone)];
      await client.assistants.delete(kept.assistant_id);
      await client.assistants.delete(gone.assistant_id, { deleteThreads: true });
      expect((await client.threads.get(keptThread)).status).toBe('idle');
      await expect(client.threads.get(goneThread)).rejects.toThrow(/HTTP 404/);
    });

    it('leaves no run behind while others create runs of it', async () => {
      const { assistant_id: id } = await create();
      let stop = false;
      const codes = new Set<number>();
      const creating = [0, 1].map(async (api) => {
        while (!stop) {
          const body = { assistant_id: id, input: { ms: 20 } };
          codes.add((await supertest(apiUrl(stack, api)).post('/runs').send(body)).status);
        }
      });
      await waitUntil(() => codes.has(200));
      await client.assistants.delete(id).finally(() => {
        stop = true;
      });
      await Promise.all(creating);
      expect([...codes].filter((code) => code !== 200 && code !== 404)).toEqual([]);
      expect(await exists(id)).toBe(false);
      const [runs] = await query(stack, 'SELECT count(*)::int AS n FROM run WHERE assistant_id = $1', [id]);
      expect(runs).toEqual({ n: 0 });
    });
  });
});

/** Reads a stream until the server closes it; `seen` gets the names of its events. */
async function readToEnd(url: string, seen: string[]): Promise<void> {
  for await (const { event, comment } of readSse(url, { lastEventId: -1 })) {
    if (comment === undefined) seen.push(event);
  }
}
