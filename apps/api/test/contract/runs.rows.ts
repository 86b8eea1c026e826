/**
 * The contract of runs.
 */
import { expect } from '@jest/globals';
import type { Client } from 'langgraph-sdk-1.15';
import { collect } from '../support.js';
import { row, type ContractContext, type ContractRow } from './contract-row.js';
import { RUN } from './resource-shapes.js';
import { expectShape, integer, listOf, record, uuid } from './shape.js';

const QUICK = { ms: 1 };
const LONG = { ms: 3_000 };
const VALUES = { log: expect.arrayContaining(['step7']) as unknown };

const newThread = async (client: Client): Promise<string> => (await client.threads.create()).thread_id;

async function activeRun(client: Client): Promise<{ threadId: string; runId: string }> {
  const threadId = await newThread(client);
  const { run_id } = await client.runs.create(threadId, 'steps', { input: LONG });
  return { threadId, runId: run_id };
}

async function streams(client: Client, threadId: string | null): Promise<void> {
  const created: unknown[] = [];
  const onRunCreated = (run: object): number => created.push(run);
  const options = { input: QUICK, streamMode: ['values', 'custom'] as never, onRunCreated };
  const seen = await collect(client.runs.stream(threadId as string, 'steps', options));
  expectShape(seen[0]?.data, record({ run_id: uuid, attempt: integer }));
  const names = seen.map(({ event }) => event);
  expect(names[0]).toBe('metadata');
  expect(names.filter((name) => name === 'custom')).toHaveLength(8);
  expect(seen.at(-1)).toMatchObject({ event: 'values', data: VALUES });
  const { run_id } = seen[0]?.data as { run_id: string };
  expect(created).toMatchObject([{ run_id }]);
}

async function waits(client: Client, threadId: string | null): Promise<void> {
  expect(await client.runs.wait(threadId as string, 'steps', { input: QUICK })).toMatchObject(VALUES);
  const failed = await client.runs.wait(threadId as string, 'fails', { input: {}, raiseError: false });
  expect(failed).toEqual({ __error__: { error: 'TypeError', message: 'the tool broke' } });
}

async function explains({ client, url }: ContractContext): Promise<void> {
  const run = await client.runs.create(await newThread(client), 'steps', { input: QUICK });
  await client.runs.join(run.thread_id, run.run_id);
  const response = await fetch(`${url}/runs/${run.run_id}/explain`);
  expect([response.status, await response.json()]).toMatchObject([
    200,
    { run_id: run.run_id, status: 'success' },
  ]);
}

export const RUNS: readonly ContractRow[] = [
  row('POST /threads/{thread_id}/runs', 'runs.create', async ({ client }) => {
    const threadId = await newThread(client);
    const options = { input: QUICK, metadata: { a: 1 }, streamMode: ['updates'] as never };
    const run = expectShape(await client.runs.create(threadId, 'steps', options), RUN);
    expect(run).toMatchObject({ thread_id: threadId, status: 'pending', metadata: { a: 1 } });
    await client.runs.join(threadId, run.run_id);
    expect(await client.runs.get(threadId, run.run_id)).toMatchObject({ status: 'success' });
  }),
  row('POST /runs', 'runs.create (stateless)', async ({ client }) => {
    const run = expectShape(await client.runs.create(null, 'steps', { input: QUICK }), RUN);
    expect(await client.runs.join(run.thread_id, run.run_id)).toMatchObject(VALUES);
  }),
  row('POST /threads/{thread_id}/runs/stream', 'runs.stream', async ({ client }) =>
    streams(client, await newThread(client)),
  ),
  row('POST /runs/stream', 'runs.stream (stateless)', ({ client }) => streams(client, null)),
  row(
    'POST /threads/{thread_id}/runs/stream',
    'runs.stream (streamNamespaces)',
    async ({ client }) => {
      const options = { input: {}, streamMode: 'updates', streamSubgraphs: true } as const;
      const seen = await collect(
        client.runs.stream(await newThread(client), 'nested', { ...options, streamNamespaces: [''] }),
      );
      expect(seen.map(({ event }) => event)).toEqual(['metadata', 'updates', 'updates']);
    },
    ['1.15.0'],
  ),
  row('POST /threads/{thread_id}/runs/wait', 'runs.wait', async ({ client }) =>
    waits(client, await newThread(client)),
  ),
  row('POST /runs/wait', 'runs.wait (stateless)', ({ client }) => waits(client, null)),
  row('POST /threads/{thread_id}/runs/wait', 'runs.wait (command)', async ({ client }) => {
    const threadId = await newThread(client);
    const asked = await client.runs.wait(threadId, 'ask', { input: {} });
    expect(asked).toMatchObject({ __interrupt__: [{ value: 'first?' }] });
    await client.runs.wait(threadId, 'ask', { command: { resume: 'a' } });
    expect(await client.runs.wait(threadId, 'ask', { command: { resume: 'b' } })).toMatchObject({
      log: ['first:a', 'second:b', 'acted'],
    });
  }),
  row('POST /runs/batch', 'runs.createBatch', async ({ client }) => {
    const payloads = ['steps', 'ask'].map((assistantId) => ({
      assistantId,
      input: QUICK,
      streamMode: ['updates'] as never,
    }));
    const runs = expectShape(await client.runs.createBatch(payloads), listOf(RUN));
    for (const run of runs) expect(run).toMatchObject({ kwargs: { stream_mode: ['updates'] } });
    const [first] = runs;
    expect(await client.runs.join(first?.thread_id ?? '', first?.run_id ?? '')).toMatchObject(VALUES);
  }),
  row('GET /threads/{thread_id}/runs', 'runs.list', async ({ client }) => {
    const threadId = await newThread(client);
    const ids = [];
    for (let i = 0; i < 2; i += 1) {
      const run = await client.runs.create(threadId, 'steps', { input: QUICK });
      await client.runs.join(threadId, run.run_id);
      ids.unshift(run.run_id);
    }
    const all = expectShape(await client.runs.list(threadId), listOf(RUN));
    expect(all.map((run) => run.run_id)).toEqual(ids);
    const page = await client.runs.list(threadId, { limit: 1, offset: 1, status: 'success' });
    expect(page.map((run) => run.run_id)).toEqual([ids[1]]);
  }),
  row('GET /threads/{thread_id}/runs', 'runs.list (select)', async ({ client }) => {
    const threadId = await newThread(client);
    const { run_id } = await client.runs.create(threadId, 'steps', { input: QUICK, metadata: { a: 1 } });
    const selected = await client.runs.list(threadId, { select: ['run_id', 'thread_id'] });
    expect(selected).toEqual([{ run_id, thread_id: threadId }]);
  }),
  row('GET /threads/{thread_id}/runs/{run_id}', 'runs.get', async ({ client }) => {
    const threadId = await newThread(client);
    const { run_id } = await client.runs.create(threadId, 'steps', { input: QUICK });
    expect(expectShape(await client.runs.get(threadId, run_id), RUN).run_id).toBe(run_id);
    await expect(client.runs.get(threadId, threadId)).rejects.toThrow(/404/);
  }),
  row('DELETE /threads/{thread_id}/runs/{run_id}', 'runs.delete', async ({ client }) => {
    const { threadId, runId } = await activeRun(client);
    await client.runs.delete(threadId, runId);
    await expect(client.runs.get(threadId, runId)).rejects.toThrow(/404/);
    expect((await client.threads.get(threadId)).status).toBe('idle');
  }),
  row('POST /threads/{thread_id}/runs/{run_id}/cancel', 'runs.cancel', async ({ client }) => {
    const { threadId, runId } = await activeRun(client);
    await client.runs.cancel(threadId, runId, true);
    expect(expectShape(await client.runs.get(threadId, runId), RUN).status).toBe('interrupted');
  }),
  row('POST /threads/{thread_id}/runs/{run_id}/cancel', 'runs.cancel (rollback)', async ({ client }) => {
    const { threadId, runId } = await activeRun(client);
    await client.runs.cancel(threadId, runId, true, 'rollback');
    await expect(client.runs.get(threadId, runId)).rejects.toThrow(/404/);
  }),
  row('POST /runs/cancel', 'runs.cancelMany', async ({ client }) => {
    const { threadId, runId } = await activeRun(client);
    await client.runs.cancelMany({ threadId, runIds: [runId] });
    await client.runs.join(threadId, runId);
    expect((await client.runs.get(threadId, runId)).status).toBe('interrupted');
  }),
  row('GET /threads/{thread_id}/runs/{run_id}/join', 'runs.join', async ({ client }) => {
    const threadId = await newThread(client);
    const { run_id } = await client.runs.create(threadId, 'steps', { input: QUICK });
    expect(await client.runs.join(threadId, run_id)).toMatchObject(VALUES);
    expect(await client.runs.join(threadId, run_id, { cancelOnDisconnect: true })).toMatchObject(VALUES);
  }),
  row('GET /threads/{thread_id}/runs/{run_id}/stream', 'runs.joinStream', async ({ client }) => {
    const threadId = await newThread(client);
    const streamMode = ['values', 'updates'] as never;
    const { run_id } = await client.runs.create(threadId, 'steps', { input: QUICK, streamMode });
    const all = await collect(client.runs.joinStream(threadId, run_id));
    expect(all.map(({ id }) => id)).toEqual(all.map((_event, i) => String(i)));
    const rest = await collect(
      client.runs.joinStream(threadId, run_id, { lastEventId: '3', streamMode: ['updates'] as never }),
    );
    expect(new Set(rest.map(({ event }) => event))).toEqual(new Set(['updates']));
    expect(rest[0]?.id).toBe('4');
  }),
  row('GET /runs/{run_id}/stream', 'runs.joinStream (stateless)', async ({ client }) => {
    const { run_id } = await client.runs.create(null, 'steps', { input: QUICK });
    const seen = await collect(client.runs.joinStream(null, run_id));
    expect(seen.at(-1)).toMatchObject({ event: 'values', data: VALUES });
  }),
  row('POST /runs/requeue', null, async ({ client, url }) => {
    const threadId = await newThread(client);
    const run = await client.runs.create(threadId, 'steps', { input: QUICK });
    await client.runs.join(threadId, run.run_id);
    const response = await fetch(`${url}/runs/requeue`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ run_ids: [run.run_id] }),
    });
    const runs = expectShape((await response.json()) as { run_id: string }[], listOf(RUN));
    expect(await client.runs.join(threadId, runs[0]?.run_id ?? '')).toMatchObject(VALUES);
  }),
  row('GET /runs/{run_id}/explain', null, explains),
];
