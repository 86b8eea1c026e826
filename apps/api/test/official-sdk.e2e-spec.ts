import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'langgraph-sdk-1.15';
import type { TestStack } from '@longrun/test-stack';
import { SDK_VERSIONS, sdkClient } from './sdk-versions.js';
import { apiUrl, collect, ids, startStack, stepOf, upTo } from './support.js';

describe('the official SDK, as it is', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startStack({ apis: 1 });
  }, 120_000);
  afterAll(() => stack.stop());

  describe.each(SDK_VERSIONS)('version %s', (name) => {
    let client: Client;
    const newThread = async () => (await client.threads.create()).thread_id;

    beforeAll(async () => {
      client = await sdkClient(name, apiUrl(stack));
    });

    it('finds the assistants that the system made', async () => {
      const found = await client.assistants.search({ graphId: 'steps' });
      expect(found).toMatchObject([
        { graph_id: 'steps', name: 'steps', version: 1, metadata: { created_by: 'system' } },
      ]);
      expect(await client.assistants.get(found[0]?.assistant_id ?? '')).toEqual(found[0]);
      expect((await client.assistants.get('steps')).assistant_id).toBe(found[0]?.assistant_id);
    });

    it('creates, finds and deletes threads', async () => {
      const { thread_id } = await client.threads.create({ metadata: { user: name } });
      expect(await client.threads.get(thread_id)).toMatchObject({
        thread_id,
        status: 'idle',
        metadata: { user: name },
        values: null,
      });
      const found = await client.threads.search({ metadata: { user: name } });
      expect(found.map((thread) => thread.thread_id)).toEqual([thread_id]);
      await client.threads.delete(thread_id);
      await expect(client.threads.get(thread_id)).rejects.toThrow(/404/);
      expect(await client.threads.search({ metadata: { user: name } })).toEqual([]);
    });

    it('streams when the graphs inside a graph start and end, and nothing of tools where there are none', async () => {
      const streamMode = ['lifecycle', 'tools'] as never;
      const seen = await collect(client.runs.stream(await newThread(), 'nested', { input: {}, streamMode }));
      expect(
        seen.map(({ event, data }) => [event.split(':')[0], (data as { event?: string }).event]),
      ).toEqual([
        ['metadata', undefined],
        ['lifecycle|inner', 'started'],
        ['lifecycle|inner', 'completed'],
      ]);
    });

    it('streams tokens of a model', async () => {
      const input = { messages: [{ role: 'user', content: 'hello' }] };
      const seen = await collect(
        client.runs.stream(await newThread(), 'chat', { input, streamMode: 'messages-tuple' }),
      );
      const chunks = seen
        .filter((event) => event.event === 'messages')
        .map((event) => (event.data as { content: string }[])[0]);
      const words = chunks.filter((chunk) => chunk?.content !== '').map((chunk) => chunk?.content);
      expect(words).toEqual(['one ', 'two ', 'three ', 'four ', 'five']);
      expect(seen[0]).toMatchObject({ event: 'metadata', id: '0', data: { attempt: 1 } });
      expect(ids(seen)).toEqual(upTo(seen.length));
    });

    it('streams several modes, and subgraphs under their names', async () => {
      const seen = await collect(
        client.runs.stream(await newThread(), 'nested', {
          input: { log: [] },
          streamMode: ['updates', 'values'],
          streamSubgraphs: true,
        }),
      );
      const names = seen.map((event) => event.event.replace(/:[0-9a-f-]+/g, ':<task>'));
      expect(names).toContain('updates|inner:<task>');
      expect(names).toContain('updates');
      expect(seen.filter((event) => event.event === 'values').at(-1)?.data).toEqual({
        log: ['outer', 'outer', 'deep'],
      });
    });

    it('waits for a run and reads state and history', async () => {
      const threadId = await newThread();
      expect(await client.runs.wait(threadId, 'steps', { input: { log: ['input'] } })).toMatchObject({
        log: ['input', ...upTo(8).map((step) => `step${step}`)],
      });
      const state = await client.threads.getState<{ log: string[] }>(threadId);
      expect(state).toMatchObject({ next: [], values: { log: expect.arrayContaining(['step7']) } });
      expect(state.checkpoint.thread_id).toBe(threadId);
      const history = await client.threads.getHistory<{ log: string[] }>(threadId, { limit: 4 });
      expect(history).toHaveLength(4);
      expect(history.map((entry) => entry.values.log.length)).toEqual([9, 8, 7, 6]);
      const at = await client.threads.getState<{ log: string[] }>(
        threadId,
        history[2]?.checkpoint.checkpoint_id ?? '',
      );
      expect(at.values.log).toHaveLength(7);
    });

    it('creates a run in the background, joins it, lists and reads it, and deletes it', async () => {
      const threadId = await newThread();
      const run = await client.runs.create(threadId, 'steps', { input: {}, metadata: { job: 'x' } });
      expect(run).toMatchObject({
        thread_id: threadId,
        status: 'pending',
        multitask_strategy: 'enqueue',
        metadata: { job: 'x' },
      });
      expect(await client.runs.join(threadId, run.run_id)).toMatchObject({
        log: expect.arrayContaining(['step7']),
      });
      expect(await client.runs.get(threadId, run.run_id)).toMatchObject({ status: 'success' });
      expect((await client.runs.list(threadId)).map((item) => item.run_id)).toEqual([run.run_id]);
      const joined = await collect(client.runs.joinStream(threadId, run.run_id));
      expect(joined.at(-1)?.event).toBe('values');
      await client.runs.delete(threadId, run.run_id);
      await expect(client.runs.get(threadId, run.run_id)).rejects.toThrow(/404/);
    });

    it('answers the questions of a graph that paused', async () => {
      const threadId = await newThread();
      const first = await client.runs.wait(threadId, 'ask', { input: {} });
      expect(first).toEqual({ __interrupt__: [{ id: expect.any(String), value: 'first?' }] });
      expect(await client.threads.get(threadId)).toMatchObject({ status: 'interrupted' });
      await client.runs.wait(threadId, 'ask', { command: { resume: 'a' } });
      expect(await client.runs.wait(threadId, 'ask', { command: { resume: 'b' } })).toMatchObject({
        log: ['first:a', 'second:b', 'acted'],
      });
      expect(await client.threads.get(threadId)).toMatchObject({ status: 'idle', interrupts: {} });
    });

    it('cancels a run and waits for its end', async () => {
      const threadId = await newThread();
      let runId = '';
      const seen = await collect(
        client.runs.stream(threadId, 'steps', {
          input: { ms: 3_000 },
          streamMode: 'custom',
          onRunCreated: (run) => (runId = run.run_id),
        }),
        async (event) => {
          if (stepOf(event) === 0) await client.runs.cancel(threadId, runId, true);
        },
      );
      expect(seen.map(stepOf)).toEqual([undefined, 0]);
      expect((await client.runs.get(threadId, runId)).status).toBe('interrupted');
      expect((await client.threads.get(threadId)).status).toBe('idle');
    });

    it('runs without a thread, streamed and awaited', async () => {
      const seen = await collect(client.runs.stream(null, 'steps', { input: {}, streamMode: 'custom' }));
      expect(seen.map(stepOf)).toEqual([undefined, ...upTo(8)]);
      expect(seen.every((event) => event.id === undefined || event.id === '')).toBe(true);
      expect(await client.runs.wait(null, 'steps', { input: { log: ['x'] } })).toMatchObject({
        log: expect.arrayContaining(['x', 'step7']),
      });
    });

    it('tells of an error in the graph, in a stream and when awaited', async () => {
      const threadId = await newThread();
      const seen = await collect(client.runs.stream(threadId, 'fails', { input: {} }));
      expect(seen.at(-1)).toMatchObject({
        event: 'error',
        data: { error: 'TypeError', message: 'the tool broke' },
      });
      await expect(client.runs.wait(threadId, 'fails', { input: {} })).rejects.toThrow(/the tool broke/);
      expect(await client.threads.get(threadId)).toMatchObject({ status: 'error' });
      expect((await client.runs.list(threadId)).map((run) => run.status)).toEqual(['error', 'error']);
    });
  });
});
