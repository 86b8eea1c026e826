/**
 * Protocol v2 over WebSocket, by SDK 1.15.0 and by hand: several subscriptions on one connection, commands in between, going on after a lost
 * connection on another api, and clients that do not read.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { Redis } from 'ioredis';
import { WebSocket } from 'ws';
import { WORDS } from './graphs/chat.js';
import { dataOf, follow, idsOf, isEnd, RawSocket, sdkOf } from './protocol-support.js';
import { apiUrl, clientOf, ownerPid, startStack } from './support.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack({ env: { CORS_ORIGINS: 'https://chat.example' } });
}, 120_000);
afterAll(() => stack.stop());

const EIGHT = Array.from({ length: 8 }, (_, i) => `step${i}`);
const connect = (
  ...given: ConstructorParameters<typeof RawSocket> extends [unknown, ...infer Rest] ? Rest : never
) => new RawSocket(stack, ...given).opened();

describe('a thread over the WebSocket of the SDK', () => {
  const streamOf = (assistantId: string, threadId?: string) =>
    sdkOf(stack).threads.stream(threadId ?? randomUUID(), {
      assistantId,
      transport: 'websocket',
      webSocketFactory: (url: string) => new WebSocket(url) as unknown as globalThis.WebSocket,
    });

  it('runs, and gives its last values as output', async () => {
    // Its subscriptions are several, and each hears of the end by whichever was told first.
    for (let i = 0; i < 10; i += 1) {
      const again = streamOf('steps');
      await again.run.start({ input: { ms: i } });
      expect((await again.output) as object).toMatchObject({ log: EIGHT });
      await again.close();
    }
    const thread = streamOf('steps');
    await thread.run.start({ input: { ms: 1 } });
    expect((await thread.output) as object).toMatchObject({ log: EIGHT });
    expect((await thread.state.get({ namespace: [] })).values).toMatchObject({ log: EIGHT });
    await thread.close();
  });

  it('streams tokens', async () => {
    const thread = streamOf('chat');
    const { messages } = thread;
    await thread.run.start({ input: { messages: [{ type: 'human', content: 'count' }] } });
    for await (const message of messages) {
      const tokens: string[] = [];
      for await (const token of message.text) tokens.push(String(token));
      expect(tokens.join('')).toBe(WORDS.join(''));
      expect(tokens.length).toBeGreaterThan(1);
      break;
    }
    await thread.close();
  });

  it('asks, and is answered', async () => {
    const thread = streamOf('ask');
    await thread.run.start({ input: {} });
    await waitUntil(() => thread.interrupts.length === 1);
    await thread.input.respond({
      namespace: [],
      interrupt_id: thread.interrupts[0]?.interruptId ?? '',
      response: 'yes',
    });
    await waitUntil(() => thread.interrupts.some(({ payload }) => payload === 'second?'));
    await thread.close();
  });
});

describe('a connection', () => {
  it('has subscriptions of its own, each with its channels, until they are ended', async () => {
    const threadId = randomUUID();
    const socket = await connect(threadId);
    const updates = await socket.command('subscription.subscribe', { channels: ['updates'] });
    const lives = await socket.command('subscription.subscribe', { channels: ['lifecycle'] });
    expect(updates.result.subscription_id).not.toBe(lives.result.subscription_id);
    await socket.command('run.start', { assistant_id: 'steps', input: { ms: 1 } });
    await waitUntil(() => socket.events.some(isEnd) && dataOf(socket.events, 'updates').length === 8);
    expect(new Set(socket.events.map(({ method }) => method))).toEqual(new Set(['updates', 'lifecycle']));

    const gone = await socket.command('subscription.unsubscribe', {
      subscription_id: updates.result.subscription_id,
    });
    expect(gone.type).toBe('success');
    await socket.command('run.start', { assistant_id: 'steps', input: { ms: 1 } });
    await waitUntil(() => socket.events.filter(isEnd).length === 2);
    expect(dataOf(socket.events, 'updates')).toHaveLength(8);
    expect(
      await socket.command('subscription.unsubscribe', { subscription_id: updates.result.subscription_id }),
    ).toMatchObject({ type: 'error', error: 'no_such_subscription' });
    socket.close();
  });

  it('is told the answer to a subscription before its events', async () => {
    const threadId = randomUUID();
    const reader = follow(stack, threadId);
    const first = await connect(threadId);
    await first.command('run.start', { assistant_id: 'steps', input: { ms: 1 } });
    await reader.ended();
    await reader.stop();
    const socket = await connect(threadId, { api: 1 });
    await socket.command('subscription.subscribe', { channels: ['values', 'lifecycle'], since: 0 });
    await waitUntil(() => socket.events.some(isEnd));
    expect(socket.frames[0]).toMatchObject({ type: 'success', id: 1 });
    for (const each of [first, socket]) each.close();
  });

  it('goes on where another was lost: on another api, with the same subscriptions, after a flush of Redis', async () => {
    const threadId = randomUUID();
    const whole = follow(stack, threadId, { channels: ['updates', 'lifecycle'], since: 0 });
    const socket = await connect(threadId);
    const { result } = await socket.command('subscription.subscribe', { channels: ['updates', 'lifecycle'] });
    const run = await socket.command('run.start', { assistant_id: 'steps', input: { ms: 40 } });
    await waitUntil(() => dataOf(socket.events, 'updates').length >= 3);
    socket.close();
    const redis = new Redis(stack.info.redis?.url ?? '');
    await redis.flushall();
    redis.disconnect();
    const again = await connect(threadId, { api: 1 });
    const restored = await again.command('subscription.reconnect', {
      run_id: run.result.run_id,
      last_event_id: socket.events.at(-1)?.event_id,
      subscriptions: [result.subscription_id],
    });
    expect(restored.result).toEqual({ restored: true });
    await waitUntil(() => again.events.some(isEnd));
    await whole.ended();
    expect(idsOf([...socket.events, ...again.events])).toEqual(idsOf(whole.events));
    const ended = await again.command('subscription.unsubscribe', {
      subscription_id: result.subscription_id,
    });
    expect(ended.type).toBe('success');
    await whole.stop();
    again.close();
  });

  it('is refused what is none: commands, subscriptions, reconnects', async () => {
    const threadId = randomUUID();
    const socket = await connect(threadId);
    expect(await socket.send('x')).toMatchObject({ type: 'error', id: null, error: 'invalid_argument' });
    expect(await socket.send('{"id":1}')).toMatchObject({ id: null, error: 'invalid_argument' });
    for (const [method, params, error] of [
      ['subscription.subscribe', {}, 'invalid_argument'],
      ['subscription.subscribe', { channels: ['nonsense'] }, 'invalid_argument'],
      ['subscription.unsubscribe', {}, 'invalid_argument'],
      ['subscription.reconnect', {}, 'invalid_argument'],
      ['subscription.reconnect', { run_id: randomUUID() }, 'no_such_run'],
      ['nonsense', {}, 'unknown_command'],
      ['state.get', {}, 'no_such_run'],
    ] as const) {
      expect([method, await socket.command(method, params)]).toEqual([
        method,
        expect.objectContaining({ error }),
      ]);
    }
    const { result } = await socket.command('run.start', { assistant_id: 'steps', input: { ms: 1 } });
    expect(
      await socket.command('subscription.reconnect', { run_id: result.run_id, subscriptions: ['nonsense'] }),
    ).toMatchObject({ error: 'no_such_subscription' });
    socket.close();
  });

  it('is closed with the status that the stream would have had: no thread id, a deleted thread, a foreign page', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    await client.threads.delete(thread_id);
    const wrong = await connect('nonsense');
    const deleted = await connect(thread_id);
    const foreign = await connect(randomUUID(), { headers: { origin: 'https://evil.example' } });
    const own = await connect(randomUUID(), { headers: { origin: 'https://chat.example' } });
    await waitUntil(() => wrong.closed && deleted.closed && foreign.closed);
    expect([wrong.closed?.code, deleted.closed?.code, foreign.closed?.code]).toEqual([4422, 4404, 4403]);
    expect(own.closed).toBeUndefined();
    own.close();
  });

  it('makes several runs also when its request had an Idempotency-Key', async () => {
    const threadId = randomUUID();
    const socket = await connect(threadId, { headers: { 'idempotency-key': threadId } });
    const start = () => socket.command('run.start', { assistant_id: 'steps', input: { ms: 1 } });
    const [first, second] = [await start(), await start()];
    expect(first.result.run_id).not.toBe(second.result.run_id);
    socket.close();
  });

  it('answers commands in their order, however many come at once', async () => {
    const threadId = randomUUID();
    const socket = await connect(threadId);
    await Promise.all(Array.from({ length: 100 }, () => socket.command('agent.getTree')));
    expect(socket.answers.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    socket.close();
  });

  it('that is not read keeps every event for later', async () => {
    const threadId = randomUUID();
    const socket = await connect(threadId);
    await socket.command('subscription.subscribe', {
      channels: ['updates', 'values', 'lifecycle'],
      since: 0,
    });
    socket.pause();
    const reader = follow(
      stack,
      threadId,
      { channels: ['updates', 'values', 'lifecycle'], since: 0 },
      { api: 1 },
    );
    const other = await connect(threadId);
    for (let i = 0; i < 3; i += 1) {
      await other.command('run.start', {
        assistant_id: 'steps',
        input: { ms: 1, log: ['x'.repeat(300_000)] },
      });
    }
    await reader.ended(3);
    await reader.stop();
    socket.resume();
    await waitUntil(() => socket.events.filter(isEnd).length === 3);
    expect(idsOf(socket.events)).toEqual(idsOf(reader.events));
    for (const each of [socket, other]) each.close();
  });
});

describe('a run whose worker is killed', () => {
  it('goes on for its readers: it runs again, from its checkpoint, and ends once', async () => {
    const threadId = randomUUID();
    const socket = await connect(threadId);
    await socket.command('subscription.subscribe', { channels: ['updates', 'lifecycle', 'custom'] });
    const { result } = await socket.command('run.start', { assistant_id: 'steps', input: { ms: 200 } });
    await waitUntil(() => dataOf(socket.events, 'updates').length >= 2);
    process.kill(await ownerPid(stack, result.run_id), 'SIGKILL');
    await waitUntil(() => socket.events.some(isEnd), { timeoutMs: 30_000 });
    expect(dataOf(socket.events, 'lifecycle')).toEqual([
      { graph_name: 'steps', event: 'running' },
      { graph_name: 'steps', event: 'running', attempt: 2 },
      { graph_name: 'steps', event: 'completed' },
    ]);
    const seqs = socket.events.map(({ seq }) => seq);
    expect([...new Set(seqs)].sort((a, b) => a - b)).toEqual(seqs);
    const { values } = await clientOf(stack).threads.getState(threadId);
    expect((values as { log: string[] }).log).toEqual(EIGHT);
    socket.close();
  }, 60_000);
});

describe('the route', () => {
  it('is none for a request that is no upgrade', async () => {
    const response = await fetch(`${apiUrl(stack)}/threads/${randomUUID()}/stream/events`);
    expect([response.status, await response.json()]).toMatchObject([404, { code: 'NOT_FOUND' }]);
  });
});
