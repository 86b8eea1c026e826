import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { StreamMode } from '@langchain/langgraph-sdk';
import type { TestStack } from '@longrun/test-stack';
import { apiUrl, clientOf, collect, ids, replay, startStack, stepOf, upTo } from './support.js';

describe('a client that loses its connection', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startStack();
  }, 120_000);
  afterAll(() => stack.stop());

  it('goes on with Last-Event-ID on another api, misses nothing and sees nothing twice', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    let runId = '';
    const connection = new AbortController();
    const before = await collect(
      client.runs.stream(thread_id, 'steps', {
        input: { ms: 100 },
        streamMode: ['values', 'custom'],
        signal: connection.signal,
        onRunCreated: (run) => (runId = run.run_id),
      }),
      (event) => {
        if (stepOf(event) === 2) throw new Error('connection lost');
      },
    ).catch(() => null);
    connection.abort();
    expect(before).toBeNull();
    const lastSeen = 6;
    const after = await collect(
      clientOf(stack, 1).runs.joinStream(thread_id, runId, { lastEventId: String(lastSeen) }),
    );
    expect(ids(after)[0]).toBe(lastSeen + 1);
    const all = await replay(clientOf(stack, 1), thread_id, runId);
    expect(ids(all)).toEqual(upTo(all.length));
    expect(all.slice(lastSeen + 1).map(({ id, data }) => ({ id, data }))).toEqual(
      after.map(({ id, data }) => ({ id, data })),
    );
    expect(all.map(stepOf).filter((step) => step !== undefined)).toEqual(upTo(8));
  }, 30_000);

  it('gets the modes that it asks for, under their numbers in the log', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const run = await client.runs.create(thread_id, 'chat', {
      input: { messages: [{ role: 'user', content: 'hello' }] },
      streamMode: ['values', 'messages-tuple', 'updates'],
    });
    await client.runs.join(thread_id, run.run_id);
    const all = await replay(client, thread_id, run.run_id);
    const joined = async (streamMode: StreamMode[]) =>
      collect(client.runs.joinStream(thread_id, run.run_id, { lastEventId: '-1', streamMode }));
    const of = (names: string[]) => all.filter(({ event }) => names.includes(event)).map(({ id }) => id);
    const messages = await joined(['messages-tuple']);
    expect(messages.length).toBeGreaterThan(3);
    expect(messages.map(({ id }) => id)).toEqual(of(['metadata', 'messages']));
    expect((await joined(['values', 'updates'])).map(({ id }) => id)).toEqual(
      of(['metadata', 'values', 'updates']),
    );
  }, 30_000);

  it('is told when it names an event that does not exist', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const run = await client.runs.create(thread_id, 'steps', { input: {} });
    await client.runs.join(thread_id, run.run_id);
    const url = `${apiUrl(stack)}/threads/${thread_id}/runs/${run.run_id}/stream`;
    const beyond = await fetch(url, { headers: { 'last-event-id': '9999' } });
    expect([beyond.status, await beyond.json()]).toEqual([
      422,
      { detail: 'Last-Event-ID: the run has no event 9999', code: 'VALIDATION_FAILED' },
    ]);
    const malformed = await fetch(url, { headers: { 'last-event-id': 'abc' } });
    expect(malformed.status).toBe(422);
  });

  it('keeps the run going, or cancels it when it asked for that', async () => {
    const client = clientOf(stack);
    const leave = async (onDisconnect: 'cancel' | 'continue') => {
      const { thread_id } = await client.threads.create();
      const connection = new AbortController();
      let runId = '';
      await collect(
        client.runs.stream(thread_id, 'steps', {
          input: { ms: 150 },
          onDisconnect,
          signal: connection.signal,
          onRunCreated: (run) => (runId = run.run_id),
        }),
        (event) => {
          if (event.event === 'values') connection.abort();
        },
      ).catch(() => null);
      await client.runs.join(thread_id, runId);
      return (await client.runs.get(thread_id, runId)).status;
    };
    expect(await leave('continue')).toBe('success');
    expect(await leave('cancel')).toBe('interrupted');
  }, 30_000);

  it('gets a keep-alive every 5 s from the first byte, also while nothing happens', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const run = await client.runs.create(thread_id, 'steps', { input: {}, afterSeconds: 600 });
    const connection = new AbortController();
    const response = await fetch(`${apiUrl(stack)}/threads/${thread_id}/runs/${run.run_id}/stream`, {
      signal: connection.signal,
    });
    const startedAt = performance.now();
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (text.includes(': heartbeat\r\n\r\n')) break;
    }
    const waitedMs = performance.now() - startedAt;
    connection.abort();
    expect(text).toBe(': heartbeat\r\n\r\n');
    expect(waitedMs).toBeGreaterThan(4_000);
    expect(waitedMs).toBeLessThan(6_500);
    await client.runs.cancel(thread_id, run.run_id, true);
  }, 30_000);
});
