import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import supertest from 'supertest';
import { apiUrl, clientOf, query, startStack } from './support.js';

describe('a request that is wrong', () => {
  let stack: TestStack;
  let threadId: string;
  beforeAll(async () => {
    stack = await startStack({ apis: 1, workers: 1, env: { BODY_LIMIT_BYTES: '100000' } });
    threadId = (await clientOf(stack).threads.create()).thread_id;
  }, 120_000);
  afterAll(() => stack.stop());

  const request = () => supertest(apiUrl(stack));
  const post = (path: string, body: object | string) =>
    request().post(path).set('content-type', 'application/json').send(body);
  const runs = () => `/threads/${threadId}/runs`;
  const countRows = async () => {
    const [row] = await query<{ runs: number; threads: number }>(
      stack,
      'SELECT (SELECT count(*) FROM run)::int AS runs, (SELECT count(*) FROM thread)::int AS threads',
    );
    return row;
  };

  it.each([
    [
      'an unknown assistant',
      { assistant_id: 'nobody' },
      404,
      /assistant_id: No assistant found for "nobody"/,
    ],
    ['an assistant id that nobody has', { assistant_id: randomUUID() }, 404, /assistant_id/],
    ['no assistant', {}, 422, /assistant_id: should not be empty/],
    ['an unknown stream mode', { assistant_id: 'steps', stream_mode: 'nonsense' }, 422, /stream_mode/],
    ['a config that is no object', { assistant_id: 'steps', config: [] }, 422, /config: must be an object/],
    [
      'a recursion limit of zero',
      { assistant_id: 'steps', config: { recursion_limit: 0 } },
      422,
      /recursion_limit/,
    ],
    ['a command without an order', { assistant_id: 'steps', command: {} }, 422, /command: must be an object/],
    ['an unknown strategy', { assistant_id: 'steps', multitask_strategy: 'hope' }, 422, /multitask_strategy/],
    ['a negative delay', { assistant_id: 'steps', after_seconds: -1 }, 422, /after_seconds/],
    [
      'a field that cannot be honoured',
      { assistant_id: 'steps', feedback_keys: ['x'] },
      422,
      /feedback_keys: is not available/,
    ],
    ['a webhook that is none', { assistant_id: 'steps', webhook: 'ftp://x' }, 422, /webhook: must be/],
    [
      'a webhook with a password',
      { assistant_id: 'steps', webhook: 'http://a:b@x' },
      422,
      /webhook: must be/,
    ],
    ['a priority below zero', { assistant_id: 'steps', priority: -1 }, 422, /priority/],
    [
      'a retry policy without attempts',
      { assistant_id: 'steps', retry_policy: {} },
      422,
      /retry_policy: must be/,
    ],
    ['a body that is a list', [], 422, /body: must be a JSON object/],
    ['malformed JSON', '{"assistant_id": "steps"', 400, /not JSON/],
    [
      'a body over the limit',
      { assistant_id: 'steps', input: 'x'.repeat(200_000) },
      413,
      /larger than 100000 bytes/,
    ],
    [
      'NUL in a text',
      { assistant_id: 'steps', input: { messages: [{ content: 'a\u0000b' }] } },
      422,
      /input\.messages\.0\.content/,
    ],
    ['half a surrogate pair', { assistant_id: 'steps', metadata: { name: '\ud83d' } }, 422, /metadata\.name/],
  ])('%s is refused with a sentence, and nothing is written', async (_name, body, status, message) => {
    const before = await countRows();
    for (const path of [runs(), `${runs()}/stream`, `${runs()}/wait`, '/runs/stream']) {
      const response = await post(path, body);
      expect([path, response.status, (response.body as { detail: string }).detail]).toEqual([
        path,
        status,
        expect.stringMatching(message),
      ]);
    }
    expect(await countRows()).toEqual(before);
  });

  it('accepts emoji, which are whole surrogate pairs', async () => {
    const response = await post(
      `${runs()}/wait`,
      '{"assistant_id":"steps","input":{"log":["\\ud83d\\ude00"]}}',
    );
    expect(response.status).toBe(200);
    expect((JSON.parse(response.text) as { log: string[] }).log[0]).toBe('😀');
  });

  it('names a thread that does not exist, or an id that is none', async () => {
    const unknown = randomUUID();
    for (const path of [`/threads/${unknown}`, `/threads/${unknown}/state`, `/threads/${unknown}/runs`]) {
      const response = await request().get(path);
      expect([response.status, (response.body as { detail: string }).detail]).toEqual([
        404,
        `Thread with ID ${unknown} not found`,
      ]);
    }
    expect((await post(`/threads/${unknown}/runs`, { assistant_id: 'steps' })).status).toBe(404);
    const invalid = await request().get('/threads/not-a-uuid');
    expect([invalid.status, (invalid.body as { detail: string }).detail]).toEqual([
      422,
      'thread_id: must be a UUID, not "not-a-uuid"',
    ]);
    expect((await request().get(`${runs()}/${randomUUID()}`)).status).toBe(404);
    expect((await request().get('/nowhere')).body).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('answers a join of an unknown run with an error event', async () => {
    const response = await request().get(`${runs()}/${randomUUID()}/stream`).buffer(true);
    expect(response.text).toMatch(/^event: error\r\ndata: .*Run not found/);
  });

  it('refuses a second run on a busy thread with reject', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const first = await client.runs.create(thread_id, 'steps', { input: { ms: 200 } });
    const response = await post(`/threads/${thread_id}/runs`, {
      assistant_id: 'steps',
      multitask_strategy: 'reject',
    });
    expect([response.status, (response.body as { detail: string }).detail]).toEqual([
      409,
      'Thread is already running a task. Wait for it to finish or choose a different multitask strategy.',
    ]);
    expect((await client.runs.list(thread_id)).map((run) => run.run_id)).toEqual([first.run_id]);
    await client.runs.cancel(thread_id, first.run_id, true);
  });

  it('refuses a thread id that is taken, or returns the thread when asked to', async () => {
    expect((await post('/threads', { thread_id: threadId })).status).toBe(409);
    const response = await post('/threads', { thread_id: threadId, if_exists: 'do_nothing' });
    expect([response.status, (response.body as { thread_id: string }).thread_id]).toEqual([200, threadId]);
  });

  it('names the fields that it does not know in a header', async () => {
    const response = await post('/threads', { metadata: {}, colour: 'red', size: 1 });
    expect([response.status, response.headers['x-longrun-ignored-fields']]).toEqual([200, 'colour, size']);
  });

  it('names them in plain ASCII, and creates the run that was asked for', async () => {
    const body = { assistant_id: 'steps', input: { ms: 1 }, 'a\nb': 1, 'ü😀': 2 };
    const response = await post('/runs/wait', body);
    expect([response.status, response.headers['x-longrun-ignored-fields']]).toEqual([
      200,
      'a%0Ab, %C3%BC%F0%9F%98%80',
    ]);
  });

  it('keeps metadata whatever their keys are called', async () => {
    const metadata = { constructor: 'Ferrari', hasOwnProperty: { constructor: {} } };
    const response = await post('/threads', { metadata });
    expect([response.status, (response.body as { metadata: object }).metadata]).toEqual([200, metadata]);
  });

  it.each([
    ['/assistants/%00', 'url'],
    ['//%00', 'url'],
    ['/store/items?namespace=a&key=%00', 'key'],
  ])('refuses a NUL in %s', async (path, field) => {
    const response = await request().get(path);
    expect([response.status, response.body]).toEqual([
      422,
      { detail: `${field}: holds a NUL character (%00). Remove it.`, code: 'VALIDATION_FAILED' },
    ]);
  });

  it('finds nothing behind the end of any list, however far', async () => {
    for (const offset of [2 ** 31, 1e21, 1e308]) {
      const response = await post('/threads/search', { offset });
      expect([offset, response.status, response.body]).toEqual([offset, 200, []]);
    }
    expect((await request().get(`${runs()}?offset=1e21`)).body).toEqual([]);
  });

  it('names those of the body and those of the query, on a stream too', async () => {
    for (const route of ['/runs/stream', '/assistants/steps/latest']) {
      const body = { assistant_id: 'steps', input: { ms: 1 }, version: 1, colour: 'red' };
      const response = await post(`${route}?size=1`, body);
      const ignored = String(response.headers['x-longrun-ignored-fields']).split(', ');
      expect([route, response.status]).toEqual([route, 200]);
      expect(ignored).toEqual(expect.arrayContaining(['colour', 'size']));
    }
  });

  it('an answer to a question that is not waiting fails its run when that is to be strict, and the thread stays as it was', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    await client.runs.wait(thread_id, 'ask', { input: {} });
    const before = await client.threads.get(thread_id);
    const answer = (resume: unknown) =>
      post(`/threads/${thread_id}/runs/wait`, {
        assistant_id: 'ask',
        command: { resume },
        strict_resume: true,
      });
    const refused = await answer({ [randomUUID().replaceAll('-', '')]: 'x' });
    expect(JSON.parse(refused.text)).toMatchObject({ __error__: { error: 'UnknownInterruptError' } });
    const { status, values, interrupts, error } = await client.threads.get(thread_id);
    expect({ status, values, interrupts, error }).toEqual({
      status: 'interrupted',
      values: before.values,
      interrupts: before.interrupts,
      error: null,
    });
    expect(JSON.parse((await answer('yes')).text)).toMatchObject({ __interrupt__: [{ value: 'second?' }] });
  });
});
