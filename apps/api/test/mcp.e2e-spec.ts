/**
 * Assistants as tools, as the official MCP clients of both generations use them. Behind a call is a run like any other.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Client as McpClient2,
  StreamableHTTPClientTransport as Transport2,
} from '@modelcontextprotocol/client';
import { Client as McpClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { apiUrl, clientOf, ownerPid, query, startStack } from './support.js';

let stack: TestStack;
let mcp: McpClient;
beforeAll(async () => {
  // What their files say of graphs takes a compiler; what is known without is enough here.
  stack = await startStack({ env: { LANGGRAPH_SCHEMA_RESOLVE_TIMEOUT_MS: '1' } });
  mcp = await connect(`${apiUrl(stack)}/mcp`);
}, 120_000);
afterAll(async () => {
  await stack.stop();
});

async function connect(url: string, options: { fetch?: typeof fetch } = {}): Promise<McpClient> {
  const client = new McpClient({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), options));
  return client;
}

interface ToolResult {
  isError?: boolean;
  content: { type: string; text: string }[];
  structuredContent?: Record<string, unknown>;
  _meta: { run_id: string; thread_id: string };
}

const call = async (
  name: string,
  input: object,
  options: { meta?: object; signal?: AbortSignal; onprogress?: (told: object) => void } = {},
): Promise<ToolResult> => {
  const { meta, ...rest } = options;
  const params = { name, arguments: input as Record<string, unknown>, ...(meta ? { _meta: meta } : {}) };
  return (await mcp.callTool(params as never, undefined, rest)) as unknown as ToolResult;
};

interface RunRow {
  run_id: string;
  thread_id: string;
  status: string;
  attempt: number;
}

/** The run of a call that is under way, by what it was called with. */
function runWith(mark: number, status: string): Promise<RunRow> {
  const text = `SELECT run_id, thread_id, status, attempt FROM run WHERE kwargs->'input'->>'ms' = $1 AND status = $2`;
  return waitUntil(async () => (await query<RunRow>(stack, text, [String(mark), status]))[0], {
    message: `a run with ms=${mark} that is ${status}`,
  });
}

describe('the tools', () => {
  it('are the assistants, with the schemas of what they take', async () => {
    const { tools } = await mcp.listTools();
    const steps = tools.find(({ name }) => name === 'steps');
    expect(steps).toMatchObject({
      title: 'steps',
      description: expect.stringContaining('steps') as unknown,
      inputSchema: { type: 'object', properties: { ms: {} } },
      _meta: { graph_id: 'steps' },
    });
    expect(tools.map(({ name }) => name)).toContain('chat');
  });

  it('have names of their own, also where assistants share one or have none that fits', async () => {
    const client = clientOf(stack);
    const names = ['twin', 'twin', 'has spaces', 'chat'];
    const made = [];
    for (const name of names)
      made.push(await client.assistants.create({ graphId: 'plain', name, description: name }));
    const ids = new Set(made.map(({ assistant_id: id }) => id));
    const { tools } = await mcp.listTools();
    const own = tools.filter((tool) => ids.has((tool._meta as { assistant_id: string }).assistant_id));
    expect(own.map(({ title }) => title).sort()).toEqual([...names].sort());
    expect(own.filter(({ name }) => name === 'twin')).toHaveLength(1);
    expect(
      own
        .filter(({ name }) => ids.has(name))
        .map(({ title }) => title)
        .sort(),
    ).toEqual(['chat', 'has spaces', 'twin'].sort());
    expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length);
    const byId = await call(made[2]?.assistant_id ?? '', { messages: [] });
    expect(byId.isError).toBeUndefined();
  });

  it('come in pages', async () => {
    await query(
      stack,
      `INSERT INTO assistant (assistant_id, graph_id, name) SELECT gen_random_uuid(), 'plain', 'many-' || i FROM generate_series(1, 120) i`,
    );
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await mcp.listTools(cursor === undefined ? {} : { cursor });
      names.push(...page.tools.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(names.filter((name) => name.startsWith('many-'))).toHaveLength(120);
    expect(new Set(names).size).toBe(names.length);
    await query(stack, `DELETE FROM assistant WHERE name LIKE 'many-%'`);
    await expect(mcp.listTools({ cursor: 'nowhere' })).rejects.toThrow(/cursor/);
  });
});

describe('a call', () => {
  it('runs the assistant and returns what it leaves', async () => {
    const result = await call('steps', { ms: 1 });
    expect(result.isError).toBeUndefined();
    expect(result.structuredContent?.['log']).toHaveLength(8);
    expect(JSON.parse(result.content[0]?.text ?? '')).toEqual(result.structuredContent);
  });

  it('is an ordinary run while it lasts: listed, and cancelled by anybody', async () => {
    const answer = call('steps', { ms: 1_001 });
    const { run_id: runId, thread_id: threadId } = await runWith(1_001, 'running');
    const client = clientOf(stack, 1);
    const [listed] = await client.runs.list(threadId);
    expect(listed).toMatchObject({
      run_id: runId,
      status: 'running',
      metadata: { mcp: { request_id: expect.anything() } },
    });
    await client.runs.cancel(threadId, runId);
    expect(await answer).toMatchObject({
      isError: true,
      content: [{ text: 'The run was cancelled.' }],
      _meta: { run_id: runId },
    });
  });

  it('goes on where it was when its worker is killed', async () => {
    const answer = call('steps', { ms: 302 });
    const { run_id: runId } = await runWith(302, 'running');
    await waitUntil(
      async () =>
        (
          await query(stack, `SELECT FROM run_event WHERE run_id = $1 AND event = 'values' AND seq > 2`, [
            runId,
          ])
        ).length > 0,
      { message: 'steps to be made' },
    );
    stack.kill(await ownerPid(stack, runId));
    const { structuredContent, isError } = await answer;
    expect(isError).toBeUndefined();
    expect(structuredContent?.['log']).toHaveLength(8);
    const [row] = await query<{ attempt: number }>(stack, 'SELECT attempt FROM run WHERE run_id = $1', [
      runId,
    ]);
    expect(row?.attempt).toBe(2);
  }, 60_000);

  it('keeps its thread when it is given one', async () => {
    const { thread_id: threadId } = await clientOf(stack).threads.create();
    await call('steps', { ms: 1 }, { meta: { thread_id: threadId } });
    const again = await call('steps', { ms: 1 }, { meta: { thread_id: threadId } });
    expect(again._meta.thread_id).toBe(threadId);
    expect(again.structuredContent?.['log']).toHaveLength(16);
    expect(await clientOf(stack).runs.list(threadId)).toHaveLength(2);
  });

  it('returns the questions of a graph that pauses', async () => {
    const { structuredContent } = await call('ask', { ms: 1 });
    expect(structuredContent).toMatchObject({ __interrupt__: [{ value: 'first?' }] });
  });

  it('tells of each step to whoever asks for progress', async () => {
    const told: object[] = [];
    await call('steps', { ms: 20 }, { onprogress: (progress) => void told.push(progress) });
    expect(told).toHaveLength(8);
    expect(told[1]).toMatchObject({ progress: 2, message: 'step1' });
  });

  it.each([
    ['a graph that fails', 'fails', {}, {}],
    ['a thread that is none', 'steps', {}, { thread_id: 'mine' }],
  ])('of %s is an error of the tool', async (_what, name, input, meta) => {
    const result = await call(name, input, { meta });
    expect(result.isError).toBe(true);
    expect(result.content[0]?.text).not.toMatch(/\n\s+at /);
  });

  it('of an unknown tool is an error of the protocol', async () => {
    await expect(call('nothing-of-the-sort', {})).rejects.toThrow(
      /-32602.*Unknown tool: nothing-of-the-sort/,
    );
  });
});

describe('a client that waits no longer', () => {
  it('cancels its run by a notification, at whichever api that arrives', async () => {
    const elsewhere: typeof fetch = (input, init) => {
      const isCancel = typeof init?.body === 'string' && init.body.includes('notifications/cancelled');
      return fetch(isCancel ? `${apiUrl(stack, 1)}/mcp` : input, init);
    };
    const other = await connect(`${apiUrl(stack)}/mcp/`, { fetch: elsewhere });
    const abort = new AbortController();
    const params = { name: 'steps', arguments: { ms: 1_003 } };
    const answer = other
      .callTool(params, undefined, { signal: abort.signal })
      .catch((error: unknown) => error);
    const { run_id: runId } = await runWith(1_003, 'running');
    abort.abort('enough');
    expect(String(await answer)).toMatch(/enough/);
    await runWith(1_003, 'interrupted');
    expect(runId).toBeDefined();
    await other.close();
  });

  it('cancels its run by going away', async () => {
    const abort = new AbortController();
    const answer = fetch(`${apiUrl(stack)}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'steps', arguments: { ms: 1_004 } },
      }),
      signal: abort.signal,
    })
      .then((response) => response.text())
      .catch((error: unknown) => error);
    await runWith(1_004, 'running');
    abort.abort();
    await answer;
    await runWith(1_004, 'interrupted');
  });

  it('cancels no other run', async () => {
    const answer = call('steps', { ms: 105 });
    await runWith(105, 'running');
    for (const session of [undefined, 'somebody-else']) {
      const response = await fetch(`${apiUrl(stack)}/mcp`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...(session ? { 'mcp-session-id': session } : {}),
        },
        body: JSON.stringify({
          jsonrpc: '2.0',
          method: 'notifications/cancelled',
          params: { requestId: (await runMark(105)).request_id },
        }),
      });
      expect(response.status).toBe(202);
    }
    expect((await answer).isError).toBeUndefined();
  });

  async function runMark(ms: number): Promise<{ request_id: number }> {
    const text = `SELECT metadata->'mcp' AS mcp FROM run WHERE kwargs->'input'->>'ms' = $1`;
    const [row] = await query<{ mcp: { request_id: number } }>(stack, text, [String(ms)]);
    return row?.mcp ?? { request_id: -1 };
  }
});

describe('the transport', () => {
  it.each(['GET', 'DELETE'])('has no %s: nothing is kept between requests', async (method) => {
    const response = await fetch(`${apiUrl(stack)}/mcp`, {
      method,
      headers: { accept: 'text/event-stream' },
    });
    expect(response.status).toBe(405);
  });

  it('serves the newest clients too', async () => {
    const client = new McpClient2({ name: 'test', version: '1' }, {
      versionNegotiation: { mode: 'auto' },
    } as never);
    await client.connect(new Transport2(new URL(`${apiUrl(stack)}/mcp`)));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('steps');
    const result = await client.callTool({ name: 'steps', arguments: { ms: 1 } });
    expect((result.structuredContent as { log: string[] }).log).toHaveLength(8);
    await client.close();
  });

  it('refuses what is no message', async () => {
    const post = (body: string): Promise<Response> =>
      fetch(`${apiUrl(stack)}/mcp`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
        body,
      });
    expect((await post('{')).status).toBe(400);
    expect((await post('{"hello": 1}')).status).toBe(400);
    expect((await post('[]')).status).toBe(400);
  });
});
