/**
 * Protocol v2 over HTTP, by SDK 1.15.0 and by hand: runs, tokens, graphs inside graphs, questions, and going on after any event on another
 * api, also when Redis has lost everything.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { Redis } from 'ioredis';
import { WORDS } from './graphs/chat.js';
import { command, dataOf, follow, idsOf, isEnd, sdkOf } from './protocol-support.js';
import { collect, clientOf, startStack } from './support.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack({ workers: 1 });
}, 120_000);
afterAll(() => stack.stop());

const EIGHT = Array.from({ length: 8 }, (_, i) => `step${i}`);

describe('a run over protocol v2', () => {
  it('makes its thread, streams its values, and gives its last one as output', async () => {
    for (let i = 0; i < 10; i += 1) {
      const again = sdkOf(stack).threads.stream({ assistantId: 'steps', transport: 'sse' });
      await again.run.start({ input: { ms: i } });
      expect((await again.output) as object).toMatchObject({ log: EIGHT });
      await again.close();
    }
    const thread = sdkOf(stack).threads.stream({ assistantId: 'steps', transport: 'sse' });
    const { run_id: runId } = await thread.run.start({ input: { ms: 1 } });
    expect((await thread.output) as object).toMatchObject({ log: EIGHT });
    expect(thread.interrupted).toBe(false);
    await thread.close();
    const client = clientOf(stack);
    expect(await client.runs.get(thread.threadId, String(runId))).toMatchObject({
      status: 'success',
      kwargs: { protocol: 'v2' },
    });
    expect((await client.threads.get(thread.threadId)).metadata).toMatchObject({ graph_id: 'steps' });
  });

  it('streams the tokens of a model, as text and as a message', async () => {
    const thread = sdkOf(stack).threads.stream({ assistantId: 'chat', transport: 'sse' });
    const { messages } = thread;
    await thread.run.start({ input: { messages: [{ type: 'human', content: 'count' }] } });
    const texts: string[] = [];
    for await (const message of messages) {
      const tokens: string[] = [];
      for await (const token of message.text) tokens.push(String(token));
      texts.push(tokens.join(''));
      expect(tokens.length).toBeGreaterThan(1);
      break;
    }
    expect(texts).toEqual([WORDS.join('')]);
    await thread.close();
  });

  it('tells of graphs inside the graph under their namespaces', async () => {
    const threadId = randomUUID();
    const { events, ended, stop } = follow(stack, threadId);
    await command(stack, threadId, 'run.start', { assistant_id: 'nested', input: {} });
    await ended();
    await stop();
    const inner = events.filter(({ params }) => params.namespace.length === 1);
    expect(new Set(inner.map(({ params }) => params.namespace[0]?.split(':')[0]))).toEqual(
      new Set(['inner']),
    );
    expect(dataOf(inner, 'lifecycle')).toEqual([
      { event: 'started', graph_name: 'inner' },
      { event: 'completed', graph_name: 'inner' },
    ]);
    expect(dataOf(inner, 'updates')).toEqual([{ node: 'deep', values: { log: ['deep'] } }]);
    expect(events.filter(isEnd)).toHaveLength(1);
    expect(events[0]).toMatchObject({
      method: 'lifecycle',
      params: { data: { event: 'running', graph_name: 'nested' } },
    });
    expect(events.at(-1)).toMatchObject({ method: 'lifecycle', params: { data: { event: 'completed' } } });
  });

  it('asks, is answered, and goes on; a second question ends it again', async () => {
    const thread = sdkOf(stack).threads.stream({ assistantId: 'ask', transport: 'sse' });
    await thread.run.start({ input: {} });
    await waitUntil(() => thread.interrupted && thread.interrupts.length === 1);
    const [first] = thread.interrupts;
    expect(first).toMatchObject({ payload: 'first?', namespace: [] });
    await thread.input.respond({ namespace: [], interrupt_id: first?.interruptId ?? '', response: 'yes' });
    await waitUntil(() => thread.interrupts.some(({ payload }) => payload === 'second?'));
    const second = thread.interrupts.find(({ payload }) => payload === 'second?');
    await thread.input.respond({
      responses: [{ namespace: [], interrupt_id: second?.interruptId ?? '', response: 'no' }],
    });
    await waitUntil(async () => (await clientOf(stack).threads.get(thread.threadId)).status === 'idle');
    await thread.close();
    const { values } = await clientOf(stack).threads.getState(thread.threadId);
    expect(values).toMatchObject({ log: ['first:yes', 'second:no', 'acted'] });
  });

  it('takes its input for the answer only where a question waits, whatever a run is called', async () => {
    const threadId = randomUUID();
    const reader = follow(stack, threadId);
    // Cancelled, a run is `interrupted` too.
    const slow = await command(stack, threadId, 'run.start', { assistant_id: 'steps', input: { ms: 5_000 } });
    await waitUntil(() => reader.events.length > 0);
    await clientOf(stack).runs.cancel(threadId, slow.result.run_id, true);
    await reader.ended();
    const plain = await command(stack, threadId, 'run.start', { assistant_id: 'steps', input: { ms: 1 } });
    await reader.ended(2);
    await reader.stop();
    expect(await clientOf(stack).runs.get(threadId, plain.result.run_id)).toMatchObject({
      status: 'success',
      kwargs: { input: { ms: 1 } },
    });

    const asking = randomUUID();
    const other = follow(stack, asking);
    await command(stack, asking, 'run.start', { assistant_id: 'ask', input: {} });
    await other.ended();
    expect(other.events.at(-1)?.params.data.event).toBe('interrupted');
    await command(stack, asking, 'run.start', { assistant_id: 'ask', input: 'an answer' });
    await other.ended(2);
    await other.stop();
    expect(dataOf(other.events, 'values').at(-1)).toEqual({ log: ['first:an answer'] });
  });

  it('that fails says why at its end', async () => {
    const threadId = randomUUID();
    const { events, ended, stop } = follow(stack, threadId, { channels: ['lifecycle'] });
    await command(stack, threadId, 'run.start', { assistant_id: 'fails', input: {} });
    await ended();
    await stop();
    expect(dataOf(events, 'lifecycle')).toEqual([
      { event: 'running', graph_name: 'fails' },
      { event: 'failed', graph_name: 'fails', error: expect.any(String) },
    ]);
  });
});

describe('the events of a thread', () => {
  const flushAll = async (): Promise<void> => {
    const redis = new Redis(stack.info.redis?.url ?? '');
    await redis.flushall();
    redis.disconnect();
  };

  it('go on after any of them, by its id or its number, on another api, after a flush of Redis', async () => {
    const threadId = randomUUID();
    const whole = follow(stack, threadId, { since: 0 });
    for (const ms of [1, 2])
      await command(stack, threadId, 'run.start', { assistant_id: 'steps', input: { ms } });
    await whole.ended(2);
    await whole.stop();
    const { events } = whole;
    expect(new Set(idsOf(events)).size).toBe(events.length);
    const seqs = events.map(({ seq }) => seq);
    expect([...seqs].sort((a, b) => a - b)).toEqual(seqs);
    await flushAll();
    for (const place of [0, 5, events.findIndex(isEnd), events.findIndex(isEnd) + 1, events.length - 2]) {
      const { event_id: id, seq } = events[place] ?? { event_id: '', seq: 0 };
      const expected = events.slice(place + 1);
      for (const [body, lastEventId] of [
        [{ since: seq }, undefined],
        [{ since_event_id: id }, undefined],
        [{}, id],
      ] as const) {
        const rest = follow(stack, threadId, body, { api: 1, ...(lastEventId ? { lastEventId } : {}) });
        await waitUntil(() => rest.events.length >= expected.length);
        await rest.stop();
        expect(rest.events).toEqual(expected);
      }
    }
  });

  it('are the same when they are read while the run goes on and afterwards, to the millisecond', async () => {
    const threadId = randomUUID();
    const live = follow(stack, threadId);
    await command(stack, threadId, 'run.start', { assistant_id: 'steps', input: { ms: 20 } });
    await live.ended();
    await live.stop();
    const late = follow(stack, threadId, {}, { api: 1 });
    await late.ended();
    await late.stop();
    expect(late.events).toEqual(live.events);
  });

  it('are in the order in which the runs begin, also when a later one overtakes one that waits for its time', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const reader = follow(stack, thread_id, { channels: ['lifecycle'], since: 0 });
    const delayed = await client.runs.create(thread_id, 'nested', { input: {}, afterSeconds: 1 });
    await command(stack, thread_id, 'run.start', { assistant_id: 'steps', input: { ms: 1 } });
    await reader.ended(2);
    await reader.stop();
    const { events } = reader;
    expect(events.map(({ params }) => params.data.graph_name)).toEqual([
      'steps',
      'steps',
      'nested',
      'nested',
    ]);
    expect(events[2]?.event_id).toContain(delayed.run_id);
    expect(events[2]?.seq).toBeGreaterThan(events[1]?.seq ?? Infinity);
    const rest = follow(stack, thread_id, { channels: ['lifecycle'], since: events[1]?.seq }, { api: 1 });
    await rest.ended();
    await rest.stop();
    expect(rest.events).toEqual(events.slice(2));
  });

  it('begin with the run that is under way, or the last one, when no place is named', async () => {
    const threadId = randomUUID();
    const first = follow(stack, threadId);
    await command(stack, threadId, 'run.start', { assistant_id: 'steps', input: { ms: 1 } });
    await command(stack, threadId, 'run.start', { assistant_id: 'nested', input: {} });
    await first.ended(2);
    await first.stop();
    const late = follow(stack, threadId, {}, { api: 1 });
    await late.ended();
    await late.stop();
    expect(late.events[0]).toMatchObject({ params: { data: { event: 'running', graph_name: 'nested' } } });
    expect(late.events).toEqual(first.events.slice(first.events.findIndex(isEnd) + 1));
  });

  it('are those of the channels, namespaces and depth that were asked for', async () => {
    const threadId = randomUUID();
    const all = follow(stack, threadId);
    await command(stack, threadId, 'run.start', { assistant_id: 'nested', input: {} });
    await all.ended();
    await all.stop();
    const of = async (body: object): Promise<string[]> => {
      const some = follow(stack, threadId, body, { api: 1 });
      await waitUntil(() => some.events.length > 0);
      const last = some.events.at(-1)?.event_id;
      await waitUntil(() => some.events.at(-1)?.event_id === last);
      await some.stop();
      return idsOf(some.events);
    };
    const expected = (isWanted: (event: (typeof all.events)[number]) => boolean): string[] =>
      idsOf(all.events.filter(isWanted));
    const values = expected(({ method }) => method === 'values');
    await waitUntil(async () => (await of({ channels: ['values'] })).length === values.length);
    expect(await of({ channels: ['values'] })).toEqual(values);
    const inner = expected(({ params }) => params.namespace.length === 1);
    await waitUntil(async () => (await of({ namespaces: [['inner']] })).length === inner.length);
    expect(await of({ namespaces: [['inner']] })).toEqual(inner);
    const root = expected(({ params }) => params.namespace.length === 0);
    await waitUntil(async () => (await of({ namespaces: [[]], depth: 0 })).length === root.length);
    expect(await of({ namespaces: [[]], depth: 0 })).toEqual(root);
  });
});

describe('runs of either kind', () => {
  it('started over REST are seen by a reader of the protocol', async () => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const reader = follow(stack, thread_id);
    const { run_id } = await client.runs.create(thread_id, 'ask', {
      input: {},
      streamMode: ['values', 'updates', 'custom', 'tasks'],
    });
    await reader.ended();
    await reader.stop();
    expect(dataOf(reader.events, 'lifecycle')).toMatchObject([
      { event: 'running' },
      { event: 'interrupted' },
    ]);
    expect(reader.events[0]?.event_id).toContain(`synth:${run_id}:`);
    expect(dataOf(reader.events, 'input.requested')).toContainEqual({
      interrupt_id: expect.any(String),
      payload: 'first?',
    });
    expect(JSON.stringify(dataOf(reader.events, 'values'))).not.toContain('__interrupt__');
    expect(dataOf(reader.events, 'tasks').length).toBeGreaterThan(0);
  });

  it('started over the protocol are seen by a reader of REST, of a run and of the thread', async () => {
    const threadId = randomUUID();
    const { result } = await command(stack, threadId, 'run.start', {
      assistant_id: 'steps',
      input: { ms: 1 },
    });
    const seen = await collect(
      clientOf(stack).runs.joinStream(threadId, result.run_id, { lastEventId: '-1' }),
    );
    const names = new Set(seen.map(({ event }) => event));
    expect(names).toEqual(new Set(['metadata', 'values', 'updates', 'custom', 'tasks']));
    expect(
      seen.filter(({ event }) => event === 'updates').map(({ data }) => Object.keys(data as object)[0]),
    ).toEqual(EIGHT);
    expect(seen.find(({ event }) => event === 'custom')?.data).toEqual({ step: 0, attempt: 1 });
    expect(seen.findLast(({ event }) => event === 'values')?.data).toMatchObject({ log: EIGHT });

    const asking = randomUUID();
    const asked = await command(stack, asking, 'run.start', { assistant_id: 'ask', input: {} });
    const questions = await collect(
      clientOf(stack).runs.joinStream(asking, asked.result.run_id, {
        lastEventId: '-1',
        streamMode: 'values',
      }),
    );
    expect(questions.at(-1)?.data).toEqual({ __interrupt__: [{ id: expect.any(String), value: 'first?' }] });
  });
});
