/**
 * What a reader may leave out of a stream, and what only a system under test offers.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { Client } from 'langgraph-sdk-1.15';
import { apiUrl, collect, query, startStack } from './support.js';

let stack: TestStack;
let client: Client;
beforeAll(async () => {
  stack = await startStack({ apis: 1, workers: 1, env: { LONGRUN_TESTING: 'true' } });
  client = new Client({ apiUrl: apiUrl(stack), apiKey: null });
}, 120_000);
afterAll(() => stack.stop());

describe('a stream of some namespaces', () => {
  const all = {
    input: {},
    streamMode: ['updates', 'values'] as ('updates' | 'values')[],
    streamSubgraphs: true,
  };
  const names = (seen: { event: string }[]): string[] => seen.map(({ event }) => event);

  it('has the events of these graphs alone, the root by an empty name, and what every stream has', async () => {
    const { thread_id } = await client.threads.create();
    const whole = await collect(client.runs.stream(thread_id, 'nested', all));
    const inner = names(whole).find((name) => name.startsWith('updates|inner:')) ?? '';
    expect(inner).not.toBe('');
    const root = await collect(
      client.runs.stream((await client.threads.create()).thread_id, 'nested', {
        ...all,
        streamNamespaces: [''],
      }),
    );
    expect(names(root)).toEqual(names(whole).filter((name) => !name.includes('|')));
    const run_id = (await client.runs.list(thread_id))[0]?.run_id ?? '';
    const namespace = inner.slice('updates|'.length);
    const joined = await collect(
      client.runs.joinStream(thread_id, run_id, { lastEventId: '-1', streamNamespaces: [namespace] }),
    );
    expect(names(joined)).toEqual(['metadata', ...names(whole).filter((name) => name.endsWith(namespace))]);
    const both = await collect(
      client.runs.joinStream(thread_id, run_id, { lastEventId: '-1', streamNamespaces: ['', namespace] }),
    );
    expect(names(both)).toEqual(names(whole));
  });

  it('goes with a filter of modes', async () => {
    const { thread_id } = await client.threads.create();
    await client.runs.wait(thread_id, 'nested', { input: {} });
    await collect(client.runs.stream(thread_id, 'nested', all));
    const run_id = (await client.runs.list(thread_id))[0]?.run_id ?? '';
    const joined = await collect(
      client.runs.joinStream(thread_id, run_id, {
        lastEventId: '-1',
        streamNamespaces: [''],
        streamMode: 'updates',
      }),
    );
    expect(new Set(names(joined))).toEqual(new Set(['metadata', 'updates']));
  });

  it('is told of in /info, so that clients know', async () => {
    const info = (await (await fetch(`${apiUrl(stack)}/info`)).json()) as { flags: Record<string, boolean> };
    expect(info.flags).toMatchObject({ assistants: true, strict_resume: true, stream_namespaces: true });
  });
});

describe('GET /metrics', () => {
  it('is text for Prometheus, and JSON for those who ask', async () => {
    const text = await fetch(`${apiUrl(stack)}/metrics`);
    expect([text.headers.get('content-type'), await text.text()]).toEqual([
      expect.stringContaining('text/plain'),
      expect.stringContaining('longrun_capability_available{capability="push",service="api"} 1'),
    ]);
    const json = (await (await fetch(`${apiUrl(stack)}/metrics?format=json`)).json()) as { name: string }[];
    expect(json.map(({ name }) => name)).toContain('longrun_capability_available');
    expect((await fetch(`${apiUrl(stack)}/metrics?format=xml`)).status).toBe(422);
  });
});

describe('POST /internal/truncate', () => {
  it('deletes what it is told to, and makes the assistants of the system anew', async () => {
    const { thread_id } = await client.threads.create();
    await client.runs.wait(thread_id, 'nested', { input: {} });
    const truncate = (body: object): Promise<Response> =>
      fetch(`${apiUrl(stack)}/internal/truncate`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await truncate({ runs: true })).status).toBe(200);
    expect(await client.runs.list(thread_id)).toEqual([]);
    expect((await client.threads.getState(thread_id)).values).toMatchObject({
      log: expect.arrayContaining(['deep']) as unknown,
    });
    await truncate({ threads: true, checkpointer: true, assistants: true, store: true });
    expect(await client.threads.search()).toEqual([]);
    expect(await query(stack, 'SELECT 1 FROM langgraph.checkpoints')).toEqual([]);
    expect((await client.assistants.search({ graphId: 'nested' })).map(({ name }) => name)).toEqual([
      'nested',
    ]);
    expect(((await client.runs.wait(null, 'nested', { input: {} })) as { log: string[] }).log).toContain(
      'deep',
    );
  });
});
