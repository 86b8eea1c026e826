/**
 * The stream of a thread: all its runs, one after the other, whole, for as long as the client stays and wherever it goes on.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { Client } from 'langgraph-sdk-1.15';
import { apiUrl, startStack } from './support.js';

interface Item {
  id?: string | undefined;
  event: string;
  data: unknown;
}

let stack: TestStack;
let client: Client;
beforeAll(async () => {
  stack = await startStack({ workers: 1 });
  client = new Client({ apiUrl: apiUrl(stack), apiKey: null });
}, 120_000);
afterAll(() => stack.stop());

/** Follows a thread until told to stop. */
function follow(
  threadId: string,
  options: {
    lastEventId?: string;
    streamMode?: ('run_modes' | 'lifecycle' | 'state_update')[];
    api?: number;
  } = {},
): { items: Item[]; stop: () => Promise<void> } {
  const items: Item[] = [];
  const stopping = new AbortController();
  const { api = 0, ...rest } = options;
  const from = new Client({ apiUrl: apiUrl(stack, api), apiKey: null });
  const reading = (async () => {
    for await (const item of from.threads.joinStream(threadId, { ...rest, signal: stopping.signal })) {
      if (item.event) items.push(item);
    }
  })().catch(() => undefined);
  return {
    items,
    stop: async () => {
      stopping.abort();
      await reading;
    },
  };
}

async function run(threadId: string): Promise<void> {
  const { run_id } = await client.runs.create(threadId, 'steps', { input: { ms: 1 }, streamMode: 'updates' });
  await client.runs.join(threadId, run_id);
}

const steps = (items: readonly Item[]): string[] =>
  items.filter(({ event }) => event === 'updates').map(({ data }) => Object.keys(data as object)[0] ?? '');
const EIGHT = Array.from({ length: 8 }, (_, i) => `step${i}`);

describe('the stream of a thread', () => {
  it('carries every run from its first event on, over the api that did not start it', async () => {
    const { thread_id } = await client.threads.create();
    const { items, stop } = follow(thread_id, { api: 1, lastEventId: '-' });
    await run(thread_id);
    await run(thread_id);
    await waitUntil(() => steps(items).length === 16);
    await stop();
    expect(steps(items)).toEqual([...EIGHT, ...EIGHT]);
    expect(items.filter(({ event }) => event === 'metadata')).toHaveLength(2);
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  });

  it('goes on after any of its events, on another api', async () => {
    const { thread_id } = await client.threads.create();
    await run(thread_id);
    await run(thread_id);
    const whole = follow(thread_id, { lastEventId: '-' });
    await waitUntil(() => steps(whole.items).length === 16);
    await whole.stop();
    for (const place of [0, 4, whole.items.length / 2 - 1, whole.items.length / 2, whole.items.length - 3]) {
      const rest = follow(thread_id, { lastEventId: whole.items[place]?.id ?? '', api: 1 });
      const expected = whole.items.slice(place + 1);
      await waitUntil(() => rest.items.length >= expected.length);
      await rest.stop();
      expect(rest.items).toEqual(expected);
    }
  });

  it('begins now without a place: what is over is not sent', async () => {
    const { thread_id } = await client.threads.create();
    await run(thread_id);
    const { items, stop } = follow(thread_id);
    // The stream stands when a first heartbeat or run arrives; a run that begins later is certainly heard.
    await waitUntil(async () => {
      await run(thread_id);
      return items.length > 0;
    });
    await waitUntil(() => steps(items).includes('step7'));
    await stop();
    expect(steps(items).slice(0, 8)).toEqual(EIGHT);
    expect(items[0]?.event).toBe('metadata');
  });

  it('tells only beginnings and ends, or only states, when asked to', async () => {
    const { thread_id } = await client.threads.create();
    const lives = follow(thread_id, { streamMode: ['lifecycle'], lastEventId: '-' });
    const states = follow(thread_id, { streamMode: ['state_update'], lastEventId: '-' });
    await run(thread_id);
    await waitUntil(() => lives.items.length >= 2 && states.items.length >= 1);
    await client.threads.updateState(thread_id, { values: { log: ['by hand'] }, asNode: 'step7' });
    await waitUntil(() => states.items.length >= 2);
    await Promise.all([lives.stop(), states.stop()]);
    expect(lives.items.map(({ event }) => event)).toEqual(['metadata', 'end']);
    expect(lives.items[1]?.data).toMatchObject({ status: 'success' });
    const last = states.items.at(-1);
    expect(last).toMatchObject({ event: 'state_update', data: { status: 'idle' } });
    expect((last?.data as { values: { log: string[] } }).values.log.at(-1)).toBe('by hand');
  });

  it('leaves out a run that was rolled back, and goes on behind it', async () => {
    const { thread_id } = await client.threads.create();
    const { items, stop } = follow(thread_id, { lastEventId: '-' });
    const slow = await client.runs.create(thread_id, 'steps', {
      input: { ms: 5_000 },
      streamMode: 'updates',
    });
    await waitUntil(() => items.length > 0);
    await client.runs.cancel(thread_id, slow.run_id, true, 'rollback');
    await run(thread_id);
    await waitUntil(() => steps(items).includes('step7'));
    await stop();
    expect(steps(items)).toEqual(EIGHT);
  });

  it('is refused for a thread that is not there, and after an id that is none', async () => {
    const { thread_id } = await client.threads.create();
    const get = (id: string, headers = {}): Promise<Response> =>
      fetch(`${apiUrl(stack)}/threads/${id}/stream`, { headers });
    expect((await get('01234567-89ab-7def-8123-456789abcdef')).status).toBe(404);
    expect((await get(thread_id, { 'last-event-id': 'x' })).status).toBe(422);
  });
});
