import { request as send, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createLogger } from '@longrun/service-kit';
import type { HttpApp } from '@longrun/graphs';
import fastify, { type FastifyInstance } from 'fastify';
import { Hono } from 'hono';
import { CustomRoutes } from './custom-routes.js';

let server: FastifyInstance | undefined;
afterEach(() => server?.close());

/** A server with two routes of its own, and those of the app. */
async function serve(app: HttpApp): Promise<string> {
  server = fastify({ forceCloseConnections: true });
  new CustomRoutes(app, createLogger('test', { LOG_LEVEL: 'silent' })).register(server);
  server.get('/ok', () => 'ours');
  server.post('/info', () => 'ours');
  server.get('/info', () => 'ours');
  await server.listen({ port: 0, host: '127.0.0.1' });
  return `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
}

const textOf = async (url: string, init?: RequestInit): Promise<string> => (await fetch(url, init)).text();

describe('a Hono app', () => {
  const app = new Hono();
  app.use('*', async (c, next) => {
    await next();
    c.header('x-middleware', 'yes');
  });
  app.get('/hello/:name', (c) => c.json({ hello: c.req.param('name'), asked: c.req.query('q') ?? null }));
  app.get('/ok', (c) => c.text('theirs'));
  app.get('/info', (c) => c.text('theirs'));
  const inner = new Hono();
  inner.onError((_error, c) => c.text('inner', 500));
  inner.get('/deep', (c) => c.text('deep'));
  app.route('/inner', inner);
  app.get('/throws', () => {
    throw new Error('secret of the app');
  });

  it('has its routes beside those of the API', async () => {
    const url = await serve(app);
    const response = await fetch(`${url}/hello/you?q=1`);
    expect(await response.json()).toEqual({ hello: 'you', asked: '1' });
    expect(response.headers.get('x-middleware')).toBe('yes');
    expect(await textOf(`${url}/inner/deep`)).toBe('deep');
  });

  it('comes first where both have a route, except for what watches over the server', async () => {
    const url = await serve(app);
    expect(await textOf(`${url}/info`)).toBe('theirs');
    expect(await textOf(`${url}/ok`)).toBe('ours');
  });

  it('hides no route of the API by middleware, or by another method', async () => {
    const url = await serve(app);
    const response = await fetch(`${url}/info`, { method: 'POST' });
    expect(await response.text()).toBe('ours');
    expect(response.headers.get('x-middleware')).toBeNull();
  });

  it('fails without a word of why', async () => {
    // Where Hono itself tells of it.
    const told = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const response = await fetch(`${await serve(app)}/throws`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toMatch(/secret|\n\s+at /);
    expect(told).toHaveBeenCalled();
    told.mockRestore();
  });
});

describe('anything with fetch', () => {
  it('has the routes that the API does not have', async () => {
    const url = await serve({ fetch: () => new Response('theirs', { status: 203 }) });
    expect(await textOf(`${url}/info`)).toBe('ours');
    expect((await fetch(`${url}/elsewhere`)).status).toBe(203);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('secret of the app'))],
    ['answers with something else', () => 'secret of the app' as unknown as Response],
  ])('that %s is a 500, and the server goes on', async (_what, answer) => {
    const url = await serve({ fetch: answer });
    const response = await fetch(`${url}/elsewhere`);
    expect(response.status).toBe(500);
    expect(await response.text()).toMatch(/^(?!.*(secret|\s+at )).*log of the server/);
    expect(await textOf(`${url}/info`)).toBe('ours');
  });

  it('that fails in the middle of its answer cuts the connection', async () => {
    const body = (): ReadableStream =>
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode('begun')),
        pull: () => Promise.reject(new Error('secret of the app')),
      });
    const url = await serve({ fetch: () => new Response(body()) });
    await expect(textOf(`${url}/elsewhere`)).rejects.toThrow(/terminated|fetch failed/);
    expect(await textOf(`${url}/info`)).toBe('ours');
  });

  it('is told when its client goes', async () => {
    let tell: (what: string) => void = () => undefined;
    const told = new Promise<string>((resolve) => (tell = resolve));
    const url = await serve({
      fetch: (request) => {
        request.signal.addEventListener('abort', () => tell('aborted'));
        return new Response(
          new ReadableStream({
            start: (controller) => controller.enqueue(new TextEncoder().encode('begun')),
          }),
        );
      },
    });
    const abort = new AbortController();
    const response = await fetch(`${url}/elsewhere`, { signal: abort.signal });
    await response.body?.getReader().read();
    abort.abort();
    expect(await told).toBe('aborted');
  });

  it('gets and gives bodies piece by piece, cookies and all', async () => {
    const url = await serve({
      fetch: (request) => {
        const headers = new Headers({ 'content-type': 'text/echo' });
        headers.append('set-cookie', 'a=1');
        headers.append('set-cookie', 'b=2');
        return new Response(request.body, { headers });
      },
    });
    const sending = send(`${url}/elsewhere`, { method: 'POST' });
    sending.write('first');
    const answer = await new Promise<IncomingMessage>((resolve) => sending.on('response', resolve));
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    // The echo of the first piece is there before the second is sent.
    const pieces = answer.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
    expect((await pieces.next()).value).toBe('first');
    sending.end('second');
    expect((await pieces.next()).value).toBe('second');
  });
});
