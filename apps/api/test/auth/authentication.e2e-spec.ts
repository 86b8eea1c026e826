/**
 * Who is let in, who is not and what they are told, and what the graph learns of who asked.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { clientAs, request, startAuthStack } from './auth-stack.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await startAuthStack({
    env: { AUTH_TIMEOUT_MS: '300', STUDIO_API_KEY: 'key-of-studio', WEBHOOK_ALLOW_PRIVATE: 'true' },
  });
});
afterAll(() => stack.stop());

const search = (name: string | null, headers: Record<string, string> = {}) =>
  request(stack, name, 'POST', '/threads/search', { body: {}, headers });

describe('a request without valid credentials', () => {
  it('is refused with the status, words and headers of the HTTPException', async () => {
    const { status, headers, text: words } = await search(null);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer');
    expect(JSON.parse(words)).toEqual({ detail: 'Say who you are', code: 'UNAUTHENTICATED' });
    expect(JSON.parse((await search('expired')).text)).toMatchObject({ detail: 'The token has expired' });
  });

  it('is refused without a word of what a library of the user threw', async () => {
    const { status, text } = await search('broken');
    expect(status).toBe(401);
    expect(text).not.toContain('secret-of-the-token');
  });

  it('is not let in when authenticate returns nobody, or nothing in time', async () => {
    expect((await search('nobody')).status).toBe(500);
    const { status, headers } = await search('slow');
    expect(status).toBe(503);
    expect(headers.get('retry-after')).not.toBeNull();
  });

  it('is refused where browsers can read it', async () => {
    const { status, headers } = await search(null, { origin: 'https://app.example' });
    expect(status).toBe(401);
    expect(headers.get('access-control-allow-origin')).not.toBeNull();
    const preflight = await request(stack, null, 'OPTIONS', '/threads/search', {
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
  });

  it('is refused on every route that is not about the server itself', async () => {
    for (const path of ['/ok', '/ready', '/info', '/metrics', '/ui/steps/entrypoint.js']) {
      expect({ path, status: (await request(stack, null, 'GET', path)).status }).toEqual({
        path,
        status: 200,
      });
    }
    for (const path of ['/threads', '/nowhere', '/assistants/steps', '/store/items?key=a']) {
      expect((await request(stack, null, 'GET', path)).status).toBe(401);
    }
  });
});

describe('the description of the API', () => {
  it('is for everybody, and says what credentials the other routes need', async () => {
    const { status, text } = await request(stack, null, 'GET', '/openapi.json');
    expect(status).toBe(200);
    const document = JSON.parse(text) as Record<string, unknown> & { paths: Record<string, never> };
    expect(document).toMatchObject({
      security: [{ bearer: [] }],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      paths: {
        '/info': { get: { security: [] } },
        '/threads': { post: { responses: { 401: expect.anything(), 403: expect.anything() } } },
      },
    });
    expect(document.paths['/threads']).not.toHaveProperty('post.security');
  });
});

describe('Studio', () => {
  const studio = { 'x-auth-scheme': 'langsmith' };

  it('is let in with its key, as a user that handlers can tell', async () => {
    const { status, text } = await request(stack, null, 'POST', '/threads', {
      body: {},
      headers: { ...studio, 'x-api-key': 'key-of-studio' },
    });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ metadata: { owner: 'langgraph-studio-user' } });
  });

  it('is nobody without the key: its header alone proves nothing', async () => {
    expect((await search(null, studio)).status).toBe(401);
    expect((await search(null, { ...studio, 'x-api-key': 'another' })).status).toBe(401);
  });
});

describe('a run', () => {
  const whoami = async (name: string, config: object = {}) => {
    const alice = clientAs(stack, name);
    const { thread_id: threadId } = await alice.threads.create();
    const values = await alice.runs.wait(threadId, 'whoami', { input: { note: 'x' }, config });
    return (values as { caller: Record<string, unknown> }).caller;
  };

  it('knows who asked for it', async () => {
    expect(await whoami('alice')).toEqual({
      langgraph_auth_user: {
        identity: 'alice',
        display_name: 'alice',
        is_authenticated: true,
        permissions: ['own'],
        token: 'token of alice',
      },
      langgraph_auth_user_id: 'alice',
      langgraph_auth_permissions: ['own'],
      user_id: 'alice',
    });
  });

  it('is not deceived by a request that says it is somebody else', async () => {
    const forged = { langgraph_auth_user_id: 'bob', langgraph_auth_user: { identity: 'bob' } };
    expect(await whoami('alice', { configurable: forged })).toMatchObject({
      langgraph_auth_user_id: 'alice',
      langgraph_auth_user: { identity: 'alice' },
    });
  });
});

describe('the webhook of a run', () => {
  it('says whose run it was, and does not carry what authenticate has said of them', async () => {
    const receiver = createServer().listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const { port } = receiver.address() as AddressInfo;
    const call = once(receiver, 'request') as Promise<[IncomingMessage, ServerResponse]>;
    const webhook = `http://127.0.0.1:${port}/ended`;
    await clientAs(stack, 'alice').runs.create(null, 'whoami', { input: { note: 'x' }, webhook });
    const [message, response] = await call;
    const body = await text(message);
    response.end();
    receiver.close();
    expect(JSON.parse(body)).toMatchObject({
      status: 'success',
      kwargs: { config: { configurable: { langgraph_auth_user_id: 'alice' } } },
    });
    expect(JSON.parse(body)).not.toHaveProperty('kwargs.config.configurable.langgraph_auth_user');
  });
});

describe('a handler', () => {
  it('refuses by false with 403, by an HTTPException with its status', async () => {
    const reader = clientAs(stack, 'reader');
    const { thread_id: threadId } = await reader.threads.create();
    const refused = await request(stack, 'reader', 'DELETE', `/threads/${threadId}`);
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.text)).toEqual({ detail: 'Forbidden', code: 'FORBIDDEN' });
    expect((await reader.threads.get(threadId)).thread_id).toBe(threadId);

    const cron = { assistant_id: 'steps', schedule: '0 0 * * *' };
    const poor = await request(stack, 'poor', 'POST', '/runs/crons', { body: cron });
    expect(poor.status).toBe(402);
    expect(JSON.parse(poor.text)).toMatchObject({ detail: 'Crons are for those who pay' });
  });

  it('whose filter is not understood lets nothing through', async () => {
    const body = { assistant_id: 'steps', schedule: '0 0 * * *' };
    const { status, text } = await request(stack, 'confused', 'POST', '/runs/crons', { body });
    expect(status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ code: 'AUTH_FAILED' });
    expect(await clientAs(stack, 'admin').crons.search()).toEqual([]);
  });

  it('stamps what is made, also the thread that a run brings', async () => {
    const alice = clientAs(stack, 'alice');
    const thread = await alice.threads.create({ metadata: { title: 'mine' } });
    expect(thread.metadata).toEqual({ title: 'mine', owner: 'alice' });
    const threadId = crypto.randomUUID();
    await alice.runs.wait(threadId, 'whoami', { input: { note: 'x' }, ifNotExists: 'create' });
    expect((await alice.threads.get(threadId)).metadata).toMatchObject({
      owner: 'alice',
      graph_id: 'whoami',
    });
    const copy = await clientAs(stack, 'alice').threads.copy(threadId);
    expect((copy as unknown as { metadata: object }).metadata).toMatchObject({ owner: 'alice' });
  });

  it('narrows a search, by $or and $contains too', async () => {
    const alice = clientAs(stack, 'alice-of-search');
    const shared = await alice.threads.create({ metadata: { readers: ['bob-of-search'] } });
    await alice.threads.create();
    const bob = clientAs(stack, 'bob-of-search');
    expect((await bob.threads.search()).map((thread) => thread.thread_id)).toEqual([shared.thread_id]);
    expect(await bob.threads.count()).toBe(1);
    expect(await alice.threads.count()).toBe(2);
  });
});

describe('a handler that changes what is looked for', () => {
  it('narrows the search without a filter', async () => {
    const alice = clientAs(stack, 'alice-of-assistants');
    const open = await alice.assistants.create({ graphId: 'steps', metadata: { open: true } });
    await alice.assistants.create({ graphId: 'steps', metadata: { open: false } });
    const found = await clientAs(stack, 'narrowed').assistants.search();
    expect(found.map((assistant) => assistant.assistant_id)).toEqual([open.assistant_id]);
    expect(await clientAs(stack, 'narrowed').assistants.count()).toBe(1);
  });
});

describe('an Idempotency-Key', () => {
  it('belongs to who sent it: somebody else with the same key gets a thing of their own', async () => {
    const create = async (name: string) => {
      const headers = { 'idempotency-key': 'the same' };
      const { text } = await request(stack, name, 'POST', '/threads', { body: {}, headers });
      return JSON.parse(text) as { thread_id: string; metadata: object };
    };
    const [first, again, other] = [await create('alice'), await create('alice'), await create('bob')];
    expect(again.thread_id).toBe(first.thread_id);
    expect(other.thread_id).not.toBe(first.thread_id);
    expect(other.metadata).toEqual({ owner: 'bob' });
  });
});

describe('a stream that was opened with a token', () => {
  it('goes on when the token expires, and is not joined again with it', async () => {
    const alice = clientAs(stack, 'alice');
    const { thread_id: threadId } = await alice.threads.create();
    const events: string[] = [];
    let runId = '';
    const stream = alice.runs.stream(threadId, 'steps', {
      input: { ms: 20 },
      streamMode: 'custom',
      onRunCreated: (run) => void (runId = run.run_id),
    });
    for await (const { event } of stream) {
      events.push(event);
      if (events.length === 1) {
        const path = `/threads/${threadId}/runs/${runId}/stream`;
        expect((await request(stack, 'expired', 'GET', path)).status).toBe(401);
        expect(JSON.parse((await request(stack, 'bob', 'GET', path)).text.split('data: ')[1] ?? '')).toEqual({
          error: 'RunNotFound',
          message: 'Run not found',
        });
      }
    }
    expect(events).toContain('custom');
    expect((await alice.runs.get(threadId, runId)).status).toBe('success');
  });
});
