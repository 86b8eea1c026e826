/**
 * Facts of the wire below the SDK: how parameters are written, headers, keep-alives, and the bodies of errors.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '@langchain/langgraph-sdk';
import type { TestStack } from '@longrun/test-stack';
import { apiUrl, clientOf, startStack } from './support.js';

let stack: TestStack;
let client: Client;
let threadId: string;
let runId: string;
beforeAll(async () => {
  stack = await startStack({ apis: 1, workers: 1 });
  client = clientOf(stack);
  threadId = (await client.threads.create()).thread_id;
  const streamMode = ['values', 'updates', 'custom'] as never;
  runId = (await client.runs.create(threadId, 'steps', { input: { ms: 1 }, streamMode })).run_id;
  await client.runs.join(threadId, runId);
}, 120_000);
afterAll(() => stack.stop());

const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${apiUrl(stack)}${path}`, init);

function post(url: string, path: string, body: object | string, headers = {}): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** The ways in which versions of the SDK, and other clients, write a list. */
const WRITTEN: Record<string, (name: string, values: readonly string[]) => string> = {
  'as repeated parameters': (name, values) => values.map((value) => `${name}=${value}`).join('&'),
  'as one JSON list': (name, values) => `${name}=${encodeURIComponent(JSON.stringify(values))}`,
  'with commas': (name, values) => `${name}=${values.join(',')}`,
};

describe.each(Object.entries(WRITTEN))('a list in a query %s', (_how, written) => {
  it('is a list of stream modes', async () => {
    const text = await (
      await get(`/threads/${threadId}/runs/${runId}/stream?${written('stream_mode', ['values', 'custom'])}`)
    ).text();
    const events = [...text.matchAll(/^event: (.*)\r$/gm)].map(([, name]) => name);
    expect(new Set(events)).toEqual(new Set(['metadata', 'values', 'custom']));
  });

  it('is a selection of fields of runs', async () => {
    const runs = await get(`/threads/${threadId}/runs?${written('select', ['run_id', 'status'])}`);
    expect(await runs.json()).toEqual([{ run_id: runId, status: 'success' }]);
  });

  it('is a selection of parts of a state', async () => {
    const state = await get(`/threads/${threadId}/state?${written('select', ['next', 'values.ms'])}`);
    expect(await state.json()).toEqual({ next: [], values: { ms: 1 } });
  });

  it('may have one item', async () => {
    const runs = await get(`/threads/${threadId}/runs?${written('select', ['status'])}`);
    expect(await runs.json()).toEqual([{ status: 'success' }]);
  });
});

describe('a stream', () => {
  it('has a heartbeat every 5 s while its run is silent, from the first byte on', async () => {
    const abort = new AbortController();
    const { thread_id } = await client.threads.create();
    const body = JSON.stringify({ assistant_id: 'steps', input: { ms: 1 }, after_seconds: 60 });
    const response = await get(`/threads/${thread_id}/runs/stream`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: abort.signal,
    });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const openedAt = performance.now();
    const reader = response.body?.getReader();
    const first = await reader?.read();
    const afterMs = performance.now() - openedAt;
    expect(new TextDecoder().decode(first?.value)).toBe(': heartbeat\r\n\r\n');
    expect(afterMs).toBeGreaterThan(4_500);
    expect(afterMs).toBeLessThan(6_000);
    abort.abort();
    await client.threads.delete(thread_id);
  });

  it('says where it is and where to come back to, with paths', async () => {
    const { thread_id } = await client.threads.create();
    const path = `/threads/${thread_id}/runs`;
    const response = await post(apiUrl(stack), `${path}/stream`, { assistant_id: 'steps', input: { ms: 1 } });
    const run = response.headers.get('content-location') ?? '';
    expect(run).toMatch(new RegExp(`^${path}/[0-9a-f-]{36}$`));
    expect(response.headers.get('location')).toBe(`${run}/stream`);
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    await response.text();
  });
});

describe('a page', () => {
  it.each(['/threads/search', '/assistants/search', '/runs/crons/search'])(
    'of %s tells the total, and where the next one begins',
    async (path) => {
      const metadata = { mark: randomUUID() };
      for (let i = 0; i < 3; i += 1) {
        if (path.startsWith('/threads')) await client.threads.create({ metadata });
        else if (path.startsWith('/assistants'))
          await client.assistants.create({ graphId: 'steps', metadata });
        else await client.crons.create('steps', { schedule: '0 0 1 1 *', metadata });
      }
      const page = async (offset: number): Promise<(string | null)[]> => {
        const { headers } = await post(apiUrl(stack), path, { metadata, limit: 2, offset });
        return [headers.get('x-pagination-total'), headers.get('x-pagination-next')];
      };
      expect([await page(0), await page(2)]).toEqual([
        ['3', '2'],
        ['3', null],
      ]);
      const total = async (headers: object): Promise<string | null> =>
        (await post(apiUrl(stack), path, { metadata, limit: 1 }, headers)).headers.get('x-pagination-total');
      // One more page is all that is known, unless the client wants all to be counted.
      expect([await total({}), await total({ prefer: 'count=exact' })]).toEqual(['2', '3']);
    },
  );
});

describe('a browser', () => {
  it('may call from elsewhere, and read the headers that the SDK reads', async () => {
    const origin = { origin: 'https://chat.example' };
    const exposed = (response: Response): string[] =>
      (response.headers.get('access-control-expose-headers') ?? '').toLowerCase().split(/, ?/);
    const needed = ['content-location', 'location', 'x-pagination-total', 'x-pagination-next'];
    const found = await post(apiUrl(stack), '/threads/search', {}, origin);
    const stream = await get(`/threads/${threadId}/runs/${runId}/stream`, { headers: origin });
    for (const response of [found, stream]) {
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(exposed(response)).toEqual(expect.arrayContaining(needed));
    }
    await stream.text();
    const asked = await get('/threads/search', {
      method: 'OPTIONS',
      headers: {
        ...origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-api-key,last-event-id,idempotency-key',
      },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-methods')).toContain('PATCH');
    expect(asked.headers.get('access-control-allow-headers')).toContain('x-api-key');
  });
});

/** What is asked, and the status and message of the answer. */
const FAULTS: readonly (readonly [string, object | string, number, RegExp])[] = [
  ['/threads/{unknown}/runs', { assistant_id: 'steps' }, 404, /^Thread with ID [0-9a-f-]{36} not found$/],
  ['/assistants/{unknown}/latest', { version: 1 }, 404, /^Assistant not found$/],
  ['/threads', { thread_id: '{known}' }, 409, /exists already$/],
  ['/threads/search', { limit: 'many' }, 422, /^limit: /],
  ['/threads/search', '{"limit": ', 400, /not JSON/],
];

async function faults(url: string): Promise<{ response: Response; text: string }[]> {
  const known = randomUUID();
  await post(url, '/threads', { thread_id: known });
  const answers = [];
  for (const [path, body] of FAULTS) {
    const given = (typeof body === 'string' ? body : JSON.stringify(body)).replace('{known}', known);
    const response = await post(url, path.replace('{unknown}', randomUUID()), given);
    answers.push({ response, text: await response.text() });
  }
  return answers;
}

describe('an error', () => {
  it('is JSON with the message and its code', async () => {
    for (const [i, { response, text }] of (await faults(apiUrl(stack))).entries()) {
      const [, , status, message] = FAULTS[i] ?? [];
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      expect([response.status, JSON.parse(text)]).toEqual([
        status,
        { detail: expect.stringMatching(message ?? ''), code: expect.stringMatching(/^[A-Z_]+$/) },
      ]);
    }
  });

  it('is the message alone where HTTP_ERROR_FORMAT is text', async () => {
    const env = { HTTP_ERROR_FORMAT: 'text' };
    const other = await startStack({ mode: 'single', apis: 1, workers: 0, sweepers: 0, env });
    try {
      for (const [i, { response, text }] of (await faults(apiUrl(other))).entries()) {
        const [, , status, message] = FAULTS[i] ?? [];
        expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
        expect([response.status, text]).toEqual([status, expect.stringMatching(message ?? '')]);
      }
    } finally {
      await other.stop();
    }
  }, 60_000);
});
