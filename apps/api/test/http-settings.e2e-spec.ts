/**
 * `http` of langgraph.json: what is served, to whom, and the user's own routes beside it.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { apiUrl, startStack } from './support.js';

const configPath = fileURLToPath(new URL('./graphs/http.langgraph.json', import.meta.url));

let stack: TestStack;
let url: string;
beforeAll(async () => {
  stack = await startStack({ mode: 'single', configPath });
  url = apiUrl(stack);
}, 120_000);
afterAll(() => stack.stop());

const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('parts that are switched off', () => {
  it.each([
    ['assistants', 'POST', '/assistants/search'],
    ['threads', 'POST', '/threads'],
    ['store', 'POST', '/store/items/search'],
    ['meta', 'GET', '/info'],
    ['meta', 'GET', '/metrics'],
    ['meta', 'GET', '/openapi.json'],
    ['ui', 'POST', '/ui/headers'],
    ['mcp', 'POST', '/mcp'],
    ['a2a', 'POST', '/a2a/headers'],
  ])('%s: %s %s is no route', async (_part, method, path) => {
    const response = method === 'POST' ? await post(path, {}) : await fetch(`${url}${path}`);
    expect([response.status, await response.json()]).toMatchObject([404, { code: 'NOT_FOUND' }]);
  });

  it.each(['/ok', '/ready', '/health/live', '/health/ready'])(
    'leave %s to whoever watches over the server',
    async (path) => {
      expect((await fetch(`${url}${path}`)).status).toBe(200);
    },
  );

  it('refuse a webhook by name', async () => {
    const webhook = 'https://example.org/told';
    for (const path of ['/runs', '/runs/crons']) {
      const response = await post(path, { assistant_id: 'headers', schedule: '0 0 * * *', webhook });
      expect([response.status, await response.json()]).toMatchObject([
        422,
        { detail: expect.stringContaining('http.disable_webhooks') as unknown },
      ]);
    }
  });
});

describe('the prefix', () => {
  it.each(['/api/ok', '/ok'])('may be there or not: %s', async (path) => {
    expect(await (await fetch(`${url}${path}`)).json()).toEqual({ ok: true });
  });

  it('is no part of where a run is: clients put it before that themselves', async () => {
    const response = await post('/api/runs', { assistant_id: 'headers' });
    expect(response.headers.get('content-location')).toMatch(/^\/runs\//);
  });
});

describe('custom routes', () => {
  it.each(['/hello', '/api/hello'])('are served beside the API: %s', async (path) => {
    expect(await (await fetch(`${url}${path}`)).json()).toEqual({ hello: 'world' });
  });

  it('fail without taking the server along, or telling of themselves', async () => {
    const response = await fetch(`${url}/throws`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toMatch(/secret|\n\s+at /);
    expect((await fetch(`${url}/ok`)).status).toBe(200);
  });

  it('leave what nobody has to the API', async () => {
    const response = await fetch(`${url}/nowhere`);
    expect(await response.json()).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('cors', () => {
  const asked = (origin: string, path = '/ok'): Promise<Response> =>
    fetch(`${url}${path}`, { headers: { origin } });

  it('allows the origins that are named, on custom routes too', async () => {
    for (const path of ['/ok', '/hello']) {
      const { headers } = await asked('https://mine.example', path);
      expect(headers.get('access-control-allow-origin')).toBe('https://mine.example');
      expect(headers.get('access-control-expose-headers')).toMatch(/Content-Location.*X-Mine/);
    }
    expect((await asked('https://other.example')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('tells browsers of methods, and for how long', async () => {
    const { headers } = await fetch(`${url}/runs`, {
      method: 'OPTIONS',
      headers: { origin: 'https://mine.example', 'access-control-request-method': 'POST' },
    });
    expect(headers.get('access-control-allow-methods')).toBe('GET, POST');
    expect(headers.get('access-control-max-age')).toBe('60');
  });
});

describe('the headers of a request', () => {
  it('reach its graph as far as they are named', async () => {
    const response = await post(
      '/runs/wait',
      { assistant_id: 'headers', input: {} },
      { 'x-mine': '1', 'x-internal-id': '2', 'accept-language': 'en', authorization: 'secret' },
    );
    expect(((await response.json()) as { seen: string[] }).seen.sort()).toEqual([
      'accept-language',
      'x-mine',
    ]);
  });
});
