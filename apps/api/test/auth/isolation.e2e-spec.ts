/**
 * What belongs to somebody else is not there: not by its id on any route, and not in any list, count, stream or store.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { WebSocket } from 'ws';
import { apiUrl, query } from '../support.js';
import { clientAs, request, startAuthStack } from './auth-stack.js';
import { pathOf, ROUTES_OF_THINGS } from './routes-of-things.js';
import { recordOfOwner, thingsOf, type Things } from './things.js';

/** In everything of Alice. */
const SECRET = 'the secret of alice';

let stack: TestStack;
let hers: Things;

beforeAll(async () => {
  stack = await startAuthStack();
  hers = await thingsOf(clientAs(stack, 'alice'), SECRET);
});
afterAll(() => stack.stop());

const nobodys = (): Things => ({
  thread: randomUUID(),
  run: randomUUID(),
  assistant: randomUUID(),
  cron: randomUUID(),
});

/** The answer, with the ids that were sent taken out. */
async function answerTo(name: string, route: (typeof ROUTES_OF_THINGS)[number], things: Things) {
  const body = route.body?.(things);
  // A stream that is open for ever would be one that was let in. Types of a graph take a few seconds to be read.
  const signal = AbortSignal.timeout(20_000);
  const { status, text } = await request(stack, name, route.method, pathOf(route, things), { body, signal });
  const words = Object.values(things).reduce((left, id) => left.replaceAll(id, '…'), text);
  return { status, words };
}

describe('the routes', () => {
  it('that name a thing are all looked at here', async () => {
    const { text } = await request(stack, null, 'GET', '/openapi.json');
    const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, { security?: [] }>> };
    const named = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { security }]) =>
        /\{(thread|run|assistant|cron)_id\}/.test(path) && !security
          ? [`${method.toUpperCase()} ${path}`]
          : [],
      ),
    );
    const looked = ROUTES_OF_THINGS.map(({ method, path }) => `${method} ${path.split('?')[0] ?? ''}`);
    const inTheirWords = named.map((route) => route.replace(/_id\}/g, '}'));
    const fixed = { '{checkpoint}': '1', '{namespace}': 'inner' };
    const forgotten = inTheirWords.filter((route) => {
      const concrete = Object.entries(fixed).reduce(
        (left, [name, value]) => left.replace(name, value),
        route,
      );
      return !looked.includes(concrete);
    });
    expect(forgotten).toEqual([]);
    expect(named.length).toBeGreaterThan(30);
  });
});

describe('a thing of somebody else', () => {
  it.each(
    ROUTES_OF_THINGS.map(
      (route) => [[route.method, route.path, route.command].join(' ').trim(), route] as const,
    ),
  )('is answered as one that does not exist: %s', async (_name, route) => {
    const foreign = await answerTo('bob', route, hers);
    if (!route.makesThread) expect(foreign).toEqual(await answerTo('bob', route, nobodys()));
    expect(foreign.words).not.toContain(SECRET);
    const isStream = route.path.endsWith('/stream') && route.method === 'GET' && route.path.includes('{run}');
    const expected = route.path.endsWith('/copy') ? 409 : 404;
    expect(foreign.status).toBe(isStream || route.command ? 200 : expected);
    if (route.command)
      expect(JSON.parse(foreign.words)).toMatchObject({ type: 'error', error: 'no_such_run' });
    if (isStream) expect(foreign.words).toContain('Run not found');
  });

  it('is found by its owner on the same routes', async () => {
    const reads = ROUTES_OF_THINGS.filter(
      ({ method, path }) => method === 'GET' && !path.endsWith('/{thread}/stream'),
    );
    for (const route of reads) {
      const { status } = await answerTo('alice', route, hers);
      // There is no checkpoint 1 and no subgraph.
      const expected = /state\/1$|subgraphs\/inner$/.test(route.path) ? expect.any(Number) : 200;
      expect({ path: route.path, status }).toEqual({ path: route.path, status: expected });
    }
  });

  it('is not changed by all that was asked of it', async () => {
    const before = await recordOfOwner(stack, 'alice');
    for (const route of ROUTES_OF_THINGS) await answerTo('bob', route, hers);
    expect(await recordOfOwner(stack, 'alice')).toEqual(before);
  });

  it('is in no list and in no count', async () => {
    const bob = clientAs(stack, 'bob');
    const { thread, assistant } = hers;
    const lists = [
      await bob.threads.search({ limit: 100 }),
      await bob.threads.search({ ids: [thread] }),
      await bob.threads.search({ metadata: { secret: SECRET } }),
      await bob.assistants.search({ limit: 100 }),
      await bob.crons.search({ limit: 100 }),
      await bob.crons.search({ threadId: thread }),
    ];
    expect(JSON.stringify(lists)).not.toContain(SECRET);
    expect(lists.slice(1, 3)).toEqual([[], []]);
    expect(await bob.threads.count({ metadata: { secret: SECRET } })).toBe(0);
    expect(await bob.assistants.count({ metadata: { secret: SECRET } })).toBe(0);
    expect(await bob.crons.count({ assistantId: assistant })).toBe(0);
    const alice = clientAs(stack, 'alice');
    expect(await alice.threads.count({ metadata: { secret: SECRET } })).toBe(1);
    expect(await alice.crons.count({ assistantId: assistant })).toBe(1);
  });

  it('is not reached by actions on many', async () => {
    const { thread } = hers;
    const prune = (strategy: string) =>
      request(stack, 'bob', 'POST', '/threads/prune', { body: { thread_ids: [thread], strategy } });
    expect(JSON.parse((await prune('delete')).text)).toEqual({ pruned_count: 0 });
    expect(JSON.parse((await prune('keep_latest')).text)).toEqual({ pruned_count: 0 });

    const alice = clientAs(stack, 'alice');
    const { thread_id: busy } = await alice.threads.create();
    const { run_id: runId } = await alice.runs.create(busy, 'steps', { input: { ms: 60_000 } });
    const cancel = await request(stack, 'bob', 'POST', '/runs/cancel', { body: { status: 'all' } });
    expect(cancel.status).toBe(204);
    expect(['pending', 'running']).toContain((await alice.runs.get(busy, runId)).status);
    await request(stack, 'alice', 'POST', '/runs/cancel', { body: { status: 'all' } });
    await alice.runs.join(busy, runId);
    expect((await alice.runs.get(busy, runId)).status).toBe('interrupted');

    const requeue = await request(stack, 'bob', 'POST', '/runs/requeue', { body: { thread_id: thread } });
    expect(JSON.parse(requeue.text)).toEqual([]);
  });

  it('keeps its id: what another would create under it is refused', async () => {
    const body = { thread_id: hers.thread, if_exists: 'do_nothing' };
    const taken = await request(stack, 'bob', 'POST', '/threads', { body });
    expect({ status: taken.status, isSilent: !taken.text.includes(SECRET) }).toEqual({
      status: 409,
      isSilent: true,
    });
    const assistant = { assistant_id: hers.assistant, graph_id: 'whoami', if_exists: 'do_nothing' };
    expect((await request(stack, 'bob', 'POST', '/assistants', { body: assistant })).status).toBe(409);
    const own = await request(stack, 'alice', 'POST', '/threads', { body });
    expect(own.status).toBe(200);
  });
});

describe('a stream of protocol v2', () => {
  it('is not had over a WebSocket either', async () => {
    const url = `${apiUrl(stack).replace('http', 'ws')}/threads/${hers.thread}/stream/events`;
    const connect = async (name: string) => {
      const socket = new WebSocket(url, { headers: { authorization: `Bearer ${name}` } });
      const said: string[] = [];
      socket.on('message', (data: Buffer) => said.push(data.toString()));
      const closed = once(socket, 'close') as Promise<[code: number, reason: Buffer]>;
      await once(socket, 'open');
      socket.send(JSON.stringify({ id: 1, method: 'state.get', params: {} }));
      return { socket, said, closed };
    };
    const bob = await connect('bob');
    expect((await bob.closed)[0]).toBe(4404);
    expect(bob.said.join()).not.toContain(SECRET);

    const alice = await connect('alice');
    await waitUntil(() => alice.said.join().includes(SECRET));
    alice.socket.close();
    await alice.closed;

    const [error] = (await once(new WebSocket(url), 'error')) as [Error];
    expect(error.message).toContain('401');
  });

  it('that was opened before the thread was made ends when the thread turns out to be somebody else’s', async () => {
    const threadId = randomUUID();
    const body = { channels: ['values', 'lifecycle'] };
    const listening = request(stack, 'bob', 'POST', `/threads/${threadId}/stream/events`, { body });
    const alice = clientAs(stack, 'alice');
    await alice.runs.wait(threadId, 'whoami', { input: { note: SECRET }, ifNotExists: 'create' });
    const { status, text } = await listening;
    expect(status).toBe(200);
    expect(text).not.toContain(SECRET);
    expect(text).toContain('no_such_run');
  });
});

describe('the tools of MCP', () => {
  const ask = async (name: string, method: string, params: object) => {
    const headers = { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-06-18' };
    const body = { jsonrpc: '2.0', id: 1, method, params };
    const { status, text } = await request(stack, name, 'POST', '/mcp', { body, headers });
    const data = text.split('\n').find((line) => line.startsWith('data: {'));
    return { status, answer: JSON.parse(data?.slice(6) ?? text) as Record<string, unknown> };
  };

  it('are the assistants that the caller may know of', async () => {
    const { answer: ofAlice } = await ask('alice', 'tools/list', {});
    expect(JSON.stringify(ofAlice)).toContain(hers.assistant);
    const { status, answer: ofBob } = await ask('bob', 'tools/list', {});
    expect(status).toBe(200);
    expect(JSON.stringify(ofBob)).not.toContain(hers.assistant);
    expect(JSON.stringify(ofBob)).not.toContain(SECRET);
  });

  it('do not call what is somebody else’s, nor on their threads', async () => {
    const call = (name: string, _meta: object = {}) =>
      ask('bob', 'tools/call', { name, arguments: { note: 'x' }, _meta });
    const foreign = JSON.stringify((await call(hers.assistant)).answer).replaceAll(hers.assistant, '…');
    const other = randomUUID();
    const missing = JSON.stringify((await call(other)).answer).replaceAll(other, '…');
    expect(foreign).toBe(missing);
    expect(foreign).toContain('Unknown tool');
    const onThread = JSON.stringify((await call('whoami', { thread_id: hers.thread })).answer);
    expect(onThread).toContain('not found');
    expect(onThread).not.toContain(SECRET);
    expect((await request(stack, null, 'POST', '/mcp', { body: {} })).status).toBe(401);
  });
});

describe('an agent of A2A', () => {
  const ask = async (method: string, params: object) => {
    const body = { jsonrpc: '2.0', id: 1, method, params };
    const { text } = await request(stack, 'bob', 'POST', '/a2a/whoami', { body });
    return JSON.parse(text) as { error?: { code: number; message: string } };
  };

  it('knows no task of somebody else', async () => {
    for (const method of ['tasks/get', 'tasks/cancel', 'tasks/resubscribe']) {
      const [foreign, missing] = [
        await ask(method, { id: hers.run }),
        await ask(method, { id: randomUUID() }),
      ];
      expect(foreign.error?.code).toBe(-32001);
      expect(foreign.error?.code).toBe(missing.error?.code);
      expect(JSON.stringify(foreign)).not.toContain(SECRET);
    }
  });

  it('does not go on in a context of somebody else', async () => {
    const before = await recordOfOwner(stack, 'alice');
    const parts = [{ kind: 'data', data: { note: 'x' } }];
    const message = { kind: 'message', role: 'user', messageId: '1', contextId: hers.thread, parts };
    const answer = await ask('message/send', { message });
    expect(answer).toHaveProperty('error');
    expect(JSON.stringify(answer)).not.toContain(SECRET);
    expect(await recordOfOwner(stack, 'alice')).toEqual(before);
  });
});

describe('the store', () => {
  it('gives everybody a part of their own, where a handler says so', async () => {
    const bob = clientAs(stack, 'bob');
    expect(await bob.store.getItem(['notes'], 'secret')).toBeNull();
    expect((await bob.store.searchItems([])).items).toEqual([]);
    expect((await bob.store.listNamespaces()).namespaces).toEqual([]);
    await bob.store.deleteItem(['notes'], 'secret');
    await bob.store.putItem(['notes'], 'secret', { note: 'of bob' });
    const alice = clientAs(stack, 'alice');
    expect((await alice.store.getItem(['notes'], 'secret'))?.value).toEqual({ note: SECRET });
    expect((await alice.store.searchItems([])).items).toHaveLength(1);
    expect((await alice.store.listNamespaces()).namespaces).toEqual([['alice', 'notes']]);
  });
});

describe('a cron', () => {
  it('runs as who made it, on threads that are theirs', async () => {
    const alice = clientAs(stack, 'alice');
    const cron = await alice.crons.create('whoami', {
      schedule: '0 0 1 1 *',
      input: { note: 'tick' },
      onRunCompleted: 'keep',
    });
    expect(cron).toMatchObject({ user_id: 'alice', metadata: { owner: 'alice' } });
    expect(JSON.stringify(cron)).not.toContain('token of alice');
    await query(stack, `UPDATE cron SET next_run_date = now() WHERE cron_id = $1`, [cron.cron_id]);
    const find = () => alice.threads.search({ metadata: { cron_id: cron.cron_id }, status: 'idle' });
    await waitUntil(async () => (await find()).length > 0, { timeoutMs: 20_000 });
    const [thread] = await find();
    expect(thread?.metadata).toMatchObject({ owner: 'alice', cron_id: cron.cron_id });
    expect(thread?.values).toMatchObject({ caller: { langgraph_auth_user_id: 'alice' } });
    expect(await clientAs(stack, 'bob').threads.search({ metadata: { cron_id: cron.cron_id } })).toEqual([]);
  });
});
