/**
 * Assistants as agents of A2A, as the official clients of both generations use them. Behind a task is a run like any other.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientFactory, type Client } from '@a2a-js/sdk/client';
import type { Message, Task, TaskArtifactUpdateEvent, TaskStatusUpdateEvent } from '@a2a-js/sdk';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { apiUrl, clientOf, ownerPid, query, startStack } from './support.js';

type StreamPart = Message | Task | TaskStatusUpdateEvent | TaskArtifactUpdateEvent;

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
}, 120_000);
afterAll(() => stack.stop());

const agent = (graph: string, api = 0): Promise<Client> =>
  new ClientFactory().createFromUrl(apiUrl(stack, api), `/.well-known/agent-card.json?assistant_id=${graph}`);

const says = (text: string, more: Partial<Message> = {}): Message => ({
  kind: 'message',
  role: 'user',
  messageId: randomUUID(),
  parts: [{ kind: 'text', text }],
  ...more,
});

const gives = (data: Record<string, unknown>, more: Partial<Message> = {}): Message =>
  says('', { parts: [{ kind: 'data', data }], ...more });

async function send(client: Client, message: Message, configuration = {}): Promise<Task> {
  return (await client.sendMessage({ message, configuration })) as Task;
}

const textIn = (task: Task | undefined): string =>
  (task?.artifacts ?? [])
    .flatMap(({ parts }) => parts.flatMap((part) => ('text' in part ? [part.text] : [])))
    .join('');

describe('the card', () => {
  it('says what an assistant does, and where', async () => {
    const card = await (await agent('chat')).getAgentCard();
    expect(card).toMatchObject({
      name: 'chat',
      protocolVersion: '0.3.0',
      capabilities: { streaming: true },
      skills: [{ name: 'chat' }],
    });
    expect(card.url).toMatch(new RegExp(`^${apiUrl(stack)}/a2a/[0-9a-f-]{36}$`));
  });

  it('of nobody is a 404', async () => {
    const url = `${apiUrl(stack)}/.well-known/agent-card.json`;
    expect((await fetch(`${url}?assistant_id=nobody`)).status).toBe(404);
    expect((await fetch(url)).status).toBe(422);
  });
});

describe('a message', () => {
  it('is answered with a completed task, whose run and thread can be looked up', async () => {
    const client = await agent('chat');
    const task = await send(client, says('hi'), { historyLength: 10 });
    expect(task.status.state).toBe('completed');
    expect(textIn(task)).toBe('one two three four five');
    expect(task.history?.map(({ role }) => role)).toEqual(['user', 'agent']);
    const run = await clientOf(stack, 1).runs.get(task.contextId, task.id);
    expect(run).toMatchObject({ run_id: task.id, status: 'success', metadata: { a2a: {} } });
  });

  it('goes on with its context', async () => {
    const client = await agent('chat');
    const first = await send(client, says('hi'));
    const second = await send(client, says('again', { contextId: first.contextId }));
    expect(second.contextId).toBe(first.contextId);
    const { values } = await clientOf(stack).threads.getState<{ messages: unknown[] }>(first.contextId);
    expect(values.messages).toHaveLength(4);
    expect(await clientOf(stack).runs.list(first.contextId)).toHaveLength(2);
  });

  it('of data is the input of a graph without messages', async () => {
    const task = await send(await agent('steps'), gives({ ms: 1 }));
    expect(task.artifacts?.[0]?.parts[0]).toMatchObject({ kind: 'data', data: { ms: 1 } });
    await expect(send(await agent('steps'), says('hi'))).rejects.toThrow(/has no messages/);
  });

  it('answers a question: the task asks, and the next one goes on', async () => {
    const client = await agent('ask');
    const asking = await send(client, gives({ ms: 1 }));
    expect(asking.status).toMatchObject({
      state: 'input-required',
      message: { parts: [{ text: 'first?' }, { data: { interrupts: [{ value: 'first?' }] } }] },
    });
    const again = await send(client, says('yes', { taskId: asking.id, contextId: asking.contextId }));
    expect(again.status.message?.parts[0]).toMatchObject({ text: 'second?' });
    const done = await send(client, says('sure', { taskId: again.id, contextId: again.contextId }));
    expect(done.status.state).toBe('completed');
    expect(done.artifacts?.[0]?.parts[0]).toMatchObject({
      data: { log: ['first:yes', 'second:sure', 'acted'] },
    });
    await expect(send(client, says('more', { taskId: done.id }))).rejects.toThrow(/asks nothing/);
  });

  it('of a graph that fails is a failed task', async () => {
    const task = await send(await agent('fails'), gives({}));
    expect(task.status.state).toBe('failed');
    expect(JSON.stringify(task.status.message)).not.toMatch(/\\n\s+at /);
  });
});

describe('a task', () => {
  it('is an ordinary run while it lasts: got at any api, listed, cancelled', async () => {
    const client = await agent('steps');
    const other = await agent('steps', 1);
    const { id, contextId } = await send(client, gives({ ms: 2_000 }), { blocking: false });
    await waitUntil(async () => (await other.getTask({ id })).status.state === 'working', {
      message: 'the task to work',
    });
    expect(await clientOf(stack).runs.list(contextId)).toMatchObject([{ run_id: id, status: 'running' }]);
    expect((await other.cancelTask({ id })).status.state).toBe('canceled');
    expect((await client.getTask({ id })).status.state).toBe('canceled');
    await expect(client.cancelTask({ id })).rejects.toThrow();
  });

  it('goes on when its worker is killed, and when its client has gone', async () => {
    const client = await agent('steps');
    const { id } = await send(client, gives({ ms: 250 }), { blocking: false });
    await waitUntil(
      async () =>
        (await query(stack, `SELECT FROM run_event WHERE run_id = $1 AND seq > 2`, [id])).length > 0,
      { message: 'steps to be made' },
    );
    stack.kill(await ownerPid(stack, id));
    const task = await waitUntil(
      async () => {
        const seen = await client.getTask({ id });
        return seen.status.state === 'completed' ? seen : undefined;
      },
      { message: 'the task to be completed', timeoutMs: 20_000 },
    );
    expect((task.artifacts?.[0]?.parts[0] as unknown as { data: { log: string[] } }).data.log).toHaveLength(
      8,
    );
  }, 40_000);

  it('of another assistant, or of nobody, is not found', async () => {
    const { id } = await send(await agent('chat'), says('hi'));
    await expect((await agent('steps')).getTask({ id })).rejects.toThrow(/not found/i);
    await expect((await agent('chat')).getTask({ id: randomUUID() })).rejects.toThrow(/not found/i);
  });
});

describe('a stream', () => {
  async function all(stream: AsyncIterable<StreamPart>): Promise<StreamPart[]> {
    const parts: StreamPart[] = [];
    for await (const part of stream) parts.push(part);
    return parts;
  }

  it('sends the task, the words as they come, and the end', async () => {
    const parts = await all((await agent('chat')).sendMessageStream({ message: says('hi') }));
    expect(parts[0]).toMatchObject({ kind: 'task', status: { state: 'submitted' } });
    const words = parts.filter((part) => part.kind === 'artifact-update');
    expect(words.length).toBeGreaterThan(2);
    expect(words[0]).toMatchObject({ append: false });
    expect(words[1]).toMatchObject({ append: true });
    const said = words.flatMap(({ artifact }) =>
      artifact.parts.map((part) => ('text' in part ? part.text : '')),
    );
    expect(said.join('')).toBe('one two three four five');
    expect(parts.at(-1)).toMatchObject({
      kind: 'status-update',
      final: true,
      status: { state: 'completed' },
    });
  });

  it('can be joined again, at another api', async () => {
    const { id } = await send(await agent('steps'), gives({ ms: 50 }), { blocking: false });
    const parts = await all((await agent('steps', 1)).resubscribeTask({ id }));
    expect(parts.at(-1)).toMatchObject({
      kind: 'status-update',
      final: true,
      status: { state: 'completed' },
    });
    expect(parts.some((part) => part.kind === 'artifact-update')).toBe(true);
  });
});

describe('the wire', () => {
  const call = async (body: unknown): Promise<{ error?: { code: number } }> => {
    const response = await fetch(`${apiUrl(stack)}/a2a/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { error?: { code: number } };
  };
  const message = says('hi');

  it.each([
    ['no method', {}, -32601],
    ['an unknown method', { method: 'message/sing' }, -32601],
    ['no message', { method: 'message/send', params: {} }, -32602],
    ['no parts', { method: 'message/send', params: { message: { ...message, parts: [] } } }, -32602],
    [
      'a context that is none',
      { method: 'message/send', params: { message: { ...message, contextId: 'x' } } },
      -32602,
    ],
    [
      'a file',
      { method: 'message/send', params: { message: { ...message, parts: [{ kind: 'file', file: {} }] } } },
      -32005,
    ],
    ['a push notification', { method: 'tasks/pushNotificationConfig/set', params: {} }, -32003],
    ['a task that is none', { method: 'tasks/get', params: { id: 'x' } }, -32602],
  ])('refuses %s', async (_what, body, code) => {
    expect(await call({ jsonrpc: '2.0', id: 7, ...body })).toMatchObject({ id: 7, error: { code } });
  });

  it('serves the clients of version 1 too', async () => {
    const v1 = await import('a2a-sdk-1/client');
    const legacyCompat = { enabled: true };
    const factory = new v1.ClientFactory({
      transports: [new v1.JsonRpcTransportFactory({ legacyCompat })],
      cardResolver: new v1.DefaultAgentCardResolver({ legacyCompat }),
    });
    const client = await factory.createFromUrl(
      apiUrl(stack),
      '/.well-known/agent-card.json?assistant_id=chat',
    );
    const request = {
      message: { messageId: randomUUID(), role: 1, parts: [{ content: { $case: 'text', value: 'hi' } }] },
    };
    const result = await client.sendMessage(request as never);
    expect(JSON.stringify(result)).toContain('one two three four five');
  });
});
