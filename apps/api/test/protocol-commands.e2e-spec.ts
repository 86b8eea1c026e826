/**
 * Commands of protocol v2 over HTTP: what they do, what they refuse and with which code, and what is no command at all.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { command, dataOf, follow, isEnd, refusal, sdkOf } from './protocol-support.js';
import { apiUrl, clientOf, query, startStack } from './support.js';

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack({ workers: 1 });
}, 120_000);
afterAll(() => stack.stop());

/** A thread on which `graph` has come to its end. */
async function ranThread(graph: string, input: unknown = {}): Promise<string> {
  const threadId = randomUUID();
  const { events, ended, stop } = follow(stack, threadId, { channels: ['lifecycle'] });
  await command(stack, threadId, 'run.start', { assistant_id: graph, input });
  await ended();
  await stop();
  expect(events.filter(isEnd)).toHaveLength(1);
  return threadId;
}

async function questionOf(threadId: string): Promise<string> {
  const { tasks } = await clientOf(stack).threads.getState(threadId);
  return String(tasks[0]?.interrupts[0]?.id);
}

describe('the state of a thread', () => {
  it('is given with its checkpoint, whole or by keys, over the SDK', async () => {
    const threadId = await ranThread('steps', { ms: 1 });
    const thread = sdkOf(stack).threads.stream(threadId, { assistantId: 'steps', transport: 'sse' });
    const whole = await thread.state.get({ namespace: [] });
    const { checkpoint } = await clientOf(stack).threads.getState(threadId);
    expect(whole).toMatchObject({ values: { ms: 1 }, checkpoint: { id: checkpoint.checkpoint_id, ns: '' } });
    expect(await thread.state.get({ namespace: [], keys: ['ms'] })).toMatchObject({ values: { ms: 1 } });
    expect(Object.keys((await thread.state.get({ namespace: [], keys: ['ms'] })).values)).toEqual(['ms']);
    await thread.close();
  });

  it('is given of a graph inside that waits', async () => {
    const threadId = await ranThread('asks_inside');
    const { tasks } = await clientOf(stack).threads.getState(threadId);
    const namespace = [String(tasks[0]?.checkpoint?.checkpoint_ns)];
    const answer = await command(stack, threadId, 'state.get', { namespace });
    expect(answer).toMatchObject({ type: 'success', result: { checkpoint: { ns: namespace[0] } } });
  });

  it('is listed newest first, in pages', async () => {
    const threadId = await ranThread('steps', { ms: 1 });
    const list = async (params: object): Promise<{ id: string; step: number }[]> =>
      (await command(stack, threadId, 'state.listCheckpoints', params)).result.checkpoints;
    const all = await list({ limit: 100 });
    expect(all.map(({ step }) => step)).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0, -1]);
    expect(await list({ limit: 3 })).toEqual(all.slice(0, 3));
    expect(await list({ limit: 3, before: all[2]?.id })).toEqual(all.slice(3, 6));
    expect(all[0]).toMatchObject({
      id: expect.any(String),
      timestamp: expect.stringMatching(/^\d{4}-.*Z$|\+/),
    });
  });

  it('of the past is where a fork begins, by the command and by forkFrom', async () => {
    const threadId = await ranThread('steps', { ms: 1 });
    const { checkpoints } = (await command(stack, threadId, 'state.listCheckpoints', { limit: 100 })).result;
    const sixth = checkpoints.find(({ step }: { step: number }) => step === 6);
    const reader = follow(stack, threadId, { channels: ['updates', 'lifecycle'], since: 0 });
    await reader.ended();
    const forked = await command(stack, threadId, 'state.fork', { checkpoint_id: sixth.id });
    expect(forked.result).toEqual({ run_id: expect.any(String), thread_id: threadId });
    await reader.ended(2);
    const thread = sdkOf(stack).threads.stream(threadId, { assistantId: 'steps', transport: 'sse' });
    await thread.run.start({ input: null, forkFrom: sixth.id });
    await reader.ended(3);
    await thread.close();
    await reader.stop();
    const nodes = dataOf(reader.events, 'updates').map(({ node }) => node);
    expect(nodes.slice(8)).toEqual(['step6', 'step7', 'step6', 'step7']);
  });
});

describe('the tree of a run', () => {
  it('has the graphs inside the graph, and how they are doing', async () => {
    const done = await ranThread('nested');
    const thread = sdkOf(stack).threads.stream(done, { assistantId: 'nested', transport: 'sse' });
    expect((await thread.agent.getTree()).tree).toMatchObject({
      namespace: [],
      status: 'completed',
      graph_name: 'nested',
      children: [{ status: 'completed', graph_name: 'inner' }],
    });
    await thread.close();
    const asking = await ranThread('asks_inside');
    expect((await command(stack, asking, 'agent.getTree')).result.tree).toMatchObject({
      status: 'interrupted',
      children: [{ status: 'interrupted', graph_name: 'inner' }],
    });
  });
});

describe('an answer', () => {
  it('may change the state and jump, in the same step', async () => {
    const threadId = await ranThread('ask');
    const reader = follow(stack, threadId, { channels: ['lifecycle', 'values', 'input'] });
    await reader.ended();
    const answer = { namespace: [], interrupt_id: await questionOf(threadId), response: 'yes' };
    const { type } = await command(stack, threadId, 'input.respond', { ...answer, update: { ms: 7 } });
    expect(type).toBe('success');
    await reader.ended(2);
    await reader.stop();
    expect(dataOf(reader.events, 'values').at(-1)).toEqual({ log: ['first:yes'], ms: 7 });
    expect(dataOf(reader.events, 'input.answered')).toEqual([{ interrupt_ids: [answer.interrupt_id] }]);
  });

  it('is taken once: a second one for the same question is refused', async () => {
    const threadId = await ranThread('ask');
    const answer = { interrupt_id: await questionOf(threadId), response: 'yes' };
    const both = await Promise.all([
      command(stack, threadId, 'input.respond', answer),
      command(stack, threadId, 'input.respond', { ...answer, response: 'no' }),
    ]);
    const client = clientOf(stack);
    const runs = both.filter(({ type }) => type === 'success').map(({ result }) => result.run_id as string);
    for (const runId of runs) await client.runs.join(threadId, runId);
    const statuses = await Promise.all(runs.map(async (id) => (await client.runs.get(threadId, id)).status));
    expect(statuses.filter((status) => status === 'success')).toHaveLength(1);
    expect(await refusal(stack, threadId, 'input.respond', answer)).toMatchObject({
      error: 'no_such_interrupt',
    });
    const { values } = await client.threads.getState(threadId);
    expect((values as { log: string[] }).log).toHaveLength(1);
  });
});

describe('a command that is refused', () => {
  const UNKNOWN = '0'.repeat(32);
  const nobody = randomUUID();

  it.each<[string, string, object, string]>([
    ['nobody', 'nonsense', {}, 'unknown_command'],
    ['nobody', 'run.start', {}, 'invalid_argument'],
    ['nobody', 'run.start', { assistant_id: 'nonsense' }, 'invalid_argument'],
    ['nobody', 'run.start', { assistant_id: 'steps', config: 1 }, 'invalid_argument'],
    ['nobody', 'run.start', { assistant_id: 'steps', multitaskStrategy: 'nonsense' }, 'invalid_argument'],
    ['nobody', 'run.start', { assistant_id: 'steps', langsmith_tracer: {} }, 'not_supported'],
    ['nobody', 'input.respond', {}, 'invalid_argument'],
    ['nobody', 'input.respond', { responses: [] }, 'invalid_argument'],
    ['nobody', 'input.respond', { responses: [{ response: 1 }] }, 'invalid_argument'],
    ['nobody', 'input.respond', { interrupt_id: UNKNOWN }, 'invalid_argument'],
    ['nobody', 'input.respond', { interrupt_id: UNKNOWN, response: 1 }, 'no_such_run'],
    ['nobody', 'input.inject', { namespace: [], message: { role: 'user', content: '' } }, 'not_supported'],
    ['nobody', 'state.get', {}, 'no_such_run'],
    ['nobody', 'state.listCheckpoints', {}, 'no_such_run'],
    ['nobody', 'state.fork', { checkpoint_id: 'x' }, 'no_such_run'],
    ['nobody', 'agent.getTree', {}, 'no_such_run'],
    ['nobody', 'subscription.subscribe', { channels: ['values'] }, 'not_supported'],
    ['nobody', 'subscription.unsubscribe', { subscription_id: 'x' }, 'not_supported'],
    ['nobody', 'subscription.reconnect', { run_id: 'x' }, 'not_supported'],
    ['ran', 'input.respond', { interrupt_id: UNKNOWN, response: 1 }, 'no_such_interrupt'],
    ['ran', 'input.respond', { interrupt_id: 'x', response: 1 }, 'no_such_interrupt'],
    ['ran', 'state.get', { namespace: ['nonsense:1'] }, 'no_such_namespace'],
    ['ran', 'state.get', { namespace: 'x' }, 'invalid_argument'],
    ['ran', 'state.get', { keys: 1 }, 'invalid_argument'],
    ['ran', 'state.listCheckpoints', { namespace: ['nonsense:1'] }, 'no_such_namespace'],
    ['ran', 'state.listCheckpoints', { before: randomUUID() }, 'no_such_checkpoint'],
    ['ran', 'state.listCheckpoints', { limit: 0 }, 'invalid_argument'],
    ['ran', 'state.fork', { checkpoint_id: randomUUID() }, 'no_such_checkpoint'],
    ['ran', 'state.fork', {}, 'invalid_argument'],
    ['ran', 'agent.getTree', { run_id: randomUUID() }, 'no_such_run'],
    ['ran', 'agent.getTree', { run_id: 'x' }, 'invalid_argument'],
  ])('on a thread of %s, %s %j, says %s', async (whose, method, params, code) => {
    const threadId = whose === 'ran' ? await ran() : nobody;
    expect(await refusal(stack, threadId, method, params)).toMatchObject({
      id: 7,
      error: code,
      message: expect.stringMatching(/\w+/),
    });
  });

  let thread: Promise<string> | undefined;
  const ran = (): Promise<string> => (thread ??= ranThread('steps', { ms: 1 }));

  it('has made no thread', async () => {
    await expect(clientOf(stack).threads.get(nobody)).rejects.toThrow(/404/);
  });

  it('by a fault of the server says unknown_error, and nothing of the cause', async () => {
    const threadId = await ranThread('steps', { ms: 1 });
    await query(stack, "UPDATE langgraph.checkpoints SET checkpoint = '{}'::jsonb WHERE thread_id = $1", [
      threadId,
    ]);
    expect(await refusal(stack, threadId, 'state.get')).toMatchObject({ error: 'unknown_error' });
  });
});

describe('what is no command', () => {
  const post = (path: string, body: string): Promise<Response> =>
    fetch(`${apiUrl(stack)}/threads/${randomUUID()}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });

  it.each([
    '',
    'x',
    '[]',
    '{}',
    '{"id":1}',
    '{"id":"1","method":"a"}',
    '{"id":-1,"method":"a"}',
    '{"id":1,"method":"a","params":[]}',
  ])('is a 400: %s', async (body) => {
    const response = await post('commands', body);
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ detail: expect.any(String) }),
    ]);
  });

  it.each([
    '',
    '{}',
    '{"channels":[]}',
    '{"channels":["nonsense"]}',
    '{"channels":["values"],"extra":1}',
    '{"channels":["values"],"since":"x"}',
  ])('and no stream: %s', async (body) => {
    const response = await post('stream/events', body);
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ detail: expect.any(String) }),
    ]);
  });

  it('is one on a thread whose id is none', async () => {
    const response = await fetch(`${apiUrl(stack)}/threads/x/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"id":1,"method":"state.get"}',
    });
    expect(response.status).toBe(422);
  });
});

describe('a run of a command', () => {
  it('is made once for an Idempotency-Key', async () => {
    const threadId = randomUUID();
    const start = (): ReturnType<typeof command> =>
      command(
        stack,
        threadId,
        'run.start',
        { assistant_id: 'steps', input: { ms: 1 } },
        { headers: { 'idempotency-key': threadId } },
      );
    const [first, second] = [await start(), await start()];
    expect(second.result).toEqual(first.result);
    expect(await clientOf(stack).runs.list(threadId)).toHaveLength(1);
  });

  it('says where the thread stood before it, and which parameters mean nothing', async () => {
    const threadId = await ranThread('steps', { ms: 1 });
    const reader = follow(stack, threadId);
    await reader.ended();
    const last = reader.events.at(-1)?.seq;
    const { meta } = await command(stack, threadId, 'run.start', {
      assistant_id: 'steps',
      input: {},
      nonsense: 1,
    });
    expect(meta).toEqual({ thread_id: threadId, applied_through_seq: last, ignored_params: ['nonsense'] });
    await reader.ended(2);
    expect(reader.events.find(({ seq }) => seq > (last ?? 0))?.params.data).toMatchObject({
      event: 'running',
    });
    await reader.stop();
  });

  it('waits for the one before, or is refused beside it', async () => {
    const threadId = randomUUID();
    const reader = follow(stack, threadId, { since: 0 });
    await command(stack, threadId, 'run.start', { assistant_id: 'steps', input: { ms: 30 } });
    const refused = await refusal(stack, threadId, 'run.start', {
      assistant_id: 'steps',
      input: {},
      multitaskStrategy: 'reject',
    });
    expect(refused.error).toBe('invalid_argument');
    await command(stack, threadId, 'run.start', { assistant_id: 'steps', input: { ms: 1 } });
    await reader.ended(2);
    await reader.stop();
    const lives = dataOf(reader.events, 'lifecycle').map(({ event }) => event as string);
    expect(lives).toEqual(['running', 'completed', 'running', 'completed']);
  });
});
