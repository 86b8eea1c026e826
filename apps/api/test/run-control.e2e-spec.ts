/**
 * What clients can do to runs besides starting one: roll back, cancel many, batch, repeat safely, retry, requeue, explain.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Run } from '@langchain/langgraph-sdk';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { Client } from 'langgraph-sdk-1.15';
import { apiUrl, collect, query, startStack } from './support.js';

let stack: TestStack;
let client: Client;
beforeAll(async () => {
  stack = await startStack();
  client = new Client({ apiUrl: apiUrl(stack), apiKey: null });
}, 120_000);
afterAll(() => stack.stop());

const newThread = async (): Promise<string> => (await client.threads.create()).thread_id;

async function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  api = 0,
): Promise<Response> {
  return fetch(`${apiUrl(stack, api)}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function statusOf(threadId: string, runId: string): Promise<string> {
  return (await client.runs.get(threadId, runId)).status;
}

/** A run in the middle of its steps. */
async function startSlow(threadId: string, metadata: Record<string, string> = {}): Promise<Run> {
  const run = await client.runs.create(threadId, 'steps', { input: { ms: 5_000 }, metadata });
  await waitUntil(async () => (await statusOf(threadId, run.run_id)) === 'running');
  return run;
}

const isGone = (threadId: string, runId: string): Promise<boolean> =>
  client.runs.get(threadId, runId).then(
    () => false,
    (error: Error) => error.message.includes('404'),
  );

describe('a rollback', () => {
  it('of a running run gives the thread back as it was, and the reader an end', async () => {
    const threadId = await newThread();
    await client.runs.wait(threadId, 'steps', { input: { ms: 1 } });
    const before = await client.threads.getState<{ log: string[] }>(threadId);
    const run = await startSlow(threadId);
    const reading = collect(client.runs.joinStream(threadId, run.run_id));
    await client.runs.cancel(threadId, run.run_id, true, 'rollback');
    await reading;
    expect(await isGone(threadId, run.run_id)).toBe(true);
    expect(await client.threads.getState(threadId)).toEqual(before);
    const thread = await client.threads.get<{ log: string[] }>(threadId);
    expect([thread.status, thread.values.log]).toEqual(['idle', before.values.log]);
    expect(
      (await client.runs.wait(threadId, 'steps', { input: { ms: 1 } })) as { log: string[] },
    ).toMatchObject({
      log: [...before.values.log, ...before.values.log],
    });
  });

  it('goes with an interrupted thread: it still waits for its answer', async () => {
    const threadId = await newThread();
    await client.runs.wait(threadId, 'ask', { input: {} });
    const run = await client.runs.create(threadId, 'ask', { command: { resume: 'yes' }, afterSeconds: 60 });
    await client.runs.cancel(threadId, run.run_id, true, 'rollback');
    const thread = await client.threads.get(threadId);
    expect([thread.status, Object.values(thread.interrupts)]).toMatchObject([
      'interrupted',
      [[{ value: 'first?' }]],
    ]);
  });
});

describe('a cancel', () => {
  it('says why the run was cancelled', async () => {
    const threadId = await newThread();
    const run = await startSlow(threadId);
    await client.runs.cancel(threadId, run.run_id, true, 'interrupt', { reason: 'taken' });
    const cancelled = await client.runs.get(threadId, run.run_id);
    expect([cancelled.status, cancelled.cancel_reason]).toEqual([
      'interrupted',
      expect.stringMatching(/^taken:/),
    ]);
    const refused = await post(
      `/threads/${threadId}/runs/${run.run_id}/cancel?action=rollback&reason=taken`,
      {},
    );
    expect([refused.status, await refused.json()]).toMatchObject([
      422,
      { detail: expect.stringMatching(/^reason:/) as unknown },
    ]);
  });

  it('of many runs takes those of a thread, all or none', async () => {
    const threadId = await newThread();
    const running = await startSlow(threadId);
    const waiting = await client.runs.create(threadId, 'steps', { input: { ms: 1 } });
    const kept = await client.runs.create(threadId, 'steps', { input: { ms: 1 } });
    const unknown = { threadId, runIds: [running.run_id, randomUUID()] };
    await expect(client.runs.cancelMany(unknown)).rejects.toThrow(/404/);
    expect(await statusOf(threadId, running.run_id)).toBe('running');
    await client.runs.cancelMany({ threadId, runIds: [running.run_id, waiting.run_id] });
    await client.runs.join(threadId, kept.run_id);
    expect(await Promise.all([running, waiting, kept].map((run) => statusOf(threadId, run.run_id)))).toEqual([
      'interrupted',
      'interrupted',
      'success',
    ]);
  });

  it('of many runs takes those with a status and metadata', async () => {
    const tenant = randomUUID();
    const mine = await Promise.all(
      [1, 2, 3].map(async () => {
        const threadId = await newThread();
        return client.runs.create(threadId, 'steps', { afterSeconds: 60, metadata: { tenant } });
      }),
    );
    const other = await client.runs.create(await newThread(), 'steps', { afterSeconds: 60 });
    const response = await post('/runs/cancel?action=rollback', { status: 'pending', metadata: { tenant } });
    expect(response.status).toBe(204);
    expect(await Promise.all(mine.map((run) => isGone(run.thread_id, run.run_id)))).toEqual([
      true,
      true,
      true,
    ]);
    expect(await statusOf(other.thread_id, other.run_id)).toBe('pending');
    await client.runs.cancelMany({ status: 'all' });
    expect(await statusOf(other.thread_id, other.run_id)).toBe('interrupted');
  });

  it.each<[string, object]>([
    ['neither ids nor a status', {}],
    ['both', { status: 'all', thread_id: randomUUID(), run_ids: [randomUUID()] }],
    ['ids without their thread', { run_ids: [randomUUID()] }],
  ])('of many runs is refused with %s', async (_what, body) => {
    const response = await post('/runs/cancel', body);
    expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([
      422,
      expect.stringMatching(/^status: send either/),
    ]);
  });
});

describe('a batch', () => {
  it('creates all its runs, also with the names of the SDK', async () => {
    const runs = await client.runs.createBatch([
      {
        assistantId: 'steps',
        input: { ms: 1 },
        metadata: { place: 0 },
        streamMode: ['updates'],
        onCompletion: 'continue',
      },
      {
        assistantId: 'steps',
        input: { ms: 1 },
        metadata: { place: 1 },
        interruptBefore: ['step3'],
        onCompletion: 'continue',
      },
    ]);
    expect(runs.map((run) => run.metadata?.['place'])).toEqual([0, 1]);
    const ended = await Promise.all(runs.map((run) => client.runs.join(run.thread_id, run.run_id)));
    expect(ended).toHaveLength(2);
    const threads = await Promise.all(runs.map((run) => client.threads.get(run.thread_id)));
    expect(threads.map((thread) => thread.status)).toEqual(['idle', 'interrupted']);
  });

  it('creates none when one is wrong, and says which', async () => {
    const count = async (): Promise<unknown> => query(stack, 'SELECT count(*) FROM run');
    const before = await count();
    const wrong = await post('/runs/batch', [
      { assistant_id: 'steps' },
      { assistant_id: 'steps', after_seconds: -1 },
    ]);
    expect([wrong.status, await wrong.json()]).toMatchObject([
      422,
      { detail: expect.stringMatching(/^run 1: after_seconds/) as unknown },
    ]);
    const unknown = await post('/runs/batch', [{ assistant_id: 'steps' }, { assistant_id: 'nobody' }]);
    expect(unknown.status).toBe(404);
    expect((await post('/runs/batch', [])).status).toBe(422);
    expect(await count()).toEqual(before);
  });
});

describe('an Idempotency-Key', () => {
  it('makes one run of 20 simultaneous requests over two apis', async () => {
    const threadId = await newThread();
    const headers = { 'idempotency-key': randomUUID() };
    const body = { assistant_id: 'steps', input: { ms: 1 } };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => post(`/threads/${threadId}/runs`, body, headers, i % 2)),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    const runs = (await Promise.all(answers.map((answer) => answer.json()))) as Run[];
    expect(new Set(runs.map((run) => run.run_id)).size).toBe(1);
    expect(await client.runs.list(threadId)).toHaveLength(1);
  });

  it('gives a repeated stream and a repeated wait the run of the first, whole', async () => {
    const threadId = await newThread();
    const headers = { 'idempotency-key': randomUUID() };
    const body = { assistant_id: 'steps', input: { ms: 1 }, stream_mode: 'updates' };
    const [first, second] = [
      await (await post(`/threads/${threadId}/runs/stream`, body, headers)).text(),
      await (await post(`/threads/${threadId}/runs/stream`, body, headers, 1)).text(),
    ];
    expect(second).toBe(first);
    expect(first).toContain('step7');
    const waiting = { 'idempotency-key': randomUUID() };
    const results = await Promise.all(
      [0, 1].map(async (api) => (await post('/runs/wait', body, waiting, api)).json()),
    );
    expect(results[0]).toEqual(results[1]);
  });

  it('repeats a batch as a whole, whatever the order of the keys in its body', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await post(
      '/runs/batch',
      [{ assistant_id: 'steps', input: 1 }, { assistant_id: 'steps' }],
      headers,
    );
    const again = await post(
      '/runs/batch',
      [{ input: 1, assistant_id: 'steps' }, { assistant_id: 'steps' }],
      headers,
    );
    const ids = async (answer: Response): Promise<string[]> =>
      ((await answer.json()) as Run[]).map((run) => run.run_id);
    const created = await ids(first);
    expect(created).toHaveLength(2);
    expect(await ids(again)).toEqual(created);
  });

  it('makes one thread, one copy, one assistant and one cron of requests that overtake each other', async () => {
    const source = await newThread();
    const creations: [path: string, body: object][] = [
      ['/threads', { metadata: { a: 1 } }],
      [`/threads/${source}/copy`, {}],
      ['/assistants', { graph_id: 'steps' }],
      ['/runs/crons', { assistant_id: 'steps', schedule: '0 0 1 1 *' }],
    ];
    const create = async (
      path: string,
      body: object,
      key: string,
      api: number,
    ): Promise<[number, string]> => {
      const response = await post(path, body, { 'idempotency-key': key }, api);
      const made = (await response.json()) as { cron_id?: string; assistant_id?: string; thread_id?: string };
      return [response.status, made.cron_id ?? made.assistant_id ?? made.thread_id ?? ''];
    };
    for (const [path, body] of creations) {
      for (let round = 0; round < 12; round += 1) {
        const key = randomUUID();
        const answers = await Promise.all([0, 1, 0, 1].map((api) => create(path, body, key, api)));
        expect(answers).toEqual(answers.map(() => [200, answers[0]?.[1]]));
      }
    }
    const { assistant_id } = await client.assistants.get('steps');
    expect(await client.crons.count({ assistantId: assistant_id })).toBe(12);
  });

  it('is refused with another body or path, or when it is none', async () => {
    const threadId = await newThread();
    const headers = { 'idempotency-key': randomUUID() };
    expect((await post(`/threads/${threadId}/runs`, { assistant_id: 'steps' }, headers)).status).toBe(200);
    const other = await post(`/threads/${threadId}/runs`, { assistant_id: 'ask' }, headers);
    expect([other.status, await other.json()]).toMatchObject([
      409,
      { detail: expect.stringMatching(/^Idempotency-Key/) as unknown },
    ]);
    expect((await post('/runs', { assistant_id: 'steps' }, headers)).status).toBe(409);
    const long = { 'idempotency-key': 'k'.repeat(256) };
    expect((await post('/runs', { assistant_id: 'steps' }, long)).status).toBe(422);
  });
});

describe('a retry policy', () => {
  const policy = { max_attempts: 3, initial_interval: 0.01, jitter: false };

  it('starts a failed graph again where it stood, and its readers see no error', async () => {
    const threadId = await newThread();
    const body = {
      assistant_id: 'flaky',
      input: { failures: 2 },
      retry_policy: policy,
      stream_mode: 'updates',
    };
    const text = await (await post(`/threads/${threadId}/runs/stream`, body)).text();
    expect(text).not.toContain('event: error');
    expect(text.match(/"attempt":\d/g)).toEqual(['"attempt":1', '"attempt":2', '"attempt":3']);
    const state = await client.threads.getState<{ log: string[] }>(threadId);
    expect(state.values.log).toEqual(['before', 'worked in attempt 3']);
  });

  it('ends in the last error when the attempts are used up', async () => {
    const threadId = await newThread();
    const body = { assistant_id: 'flaky', input: { failures: 9 }, retry_policy: policy };
    const result = await (await post(`/threads/${threadId}/runs/wait`, body)).json();
    expect(result).toEqual({ __error__: { error: 'TypeError', message: 'broken in attempt 3' } });
  });

  it('leaves errors alone that it does not name', async () => {
    const body = {
      assistant_id: 'flaky',
      input: { failures: 9 },
      retry_policy: { ...policy, retry_on: ['RangeError'] },
    };
    const result = await (await post('/runs/wait', body)).json();
    expect(result).toEqual({ __error__: { error: 'TypeError', message: 'broken in attempt 1' } });
  });

  it('can be cancelled while it waits', async () => {
    const threadId = await newThread();
    const slow = { ...policy, initial_interval: 600 };
    const body = { assistant_id: 'flaky', input: { failures: 9 }, retry_policy: slow };
    const run = (await (await post(`/threads/${threadId}/runs`, body)).json()) as Run;
    await waitUntil(async () => (await explain(run.run_id)).timeline.some(({ what }) => what === 'retry'));
    expect(await statusOf(threadId, run.run_id)).toBe('pending');
    await client.runs.cancel(threadId, run.run_id, true);
    expect(await statusOf(threadId, run.run_id)).toBe('interrupted');
  });
});

interface Explained {
  status: string;
  now: string;
  timeline: { what: string; [detail: string]: unknown }[];
}

async function explain(runId: string): Promise<Explained> {
  return (await fetch(`${apiUrl(stack, 1)}/runs/${runId}/explain`)).json() as Promise<Explained>;
}

describe('an ended run', () => {
  it('can be requeued: a new run with its request, on its thread', async () => {
    const threadId = await newThread();
    const tenant = randomUUID();
    await client.runs.wait(threadId, 'flaky', {
      input: { failures: 1 },
      metadata: { tenant },
      raiseError: false,
    });
    const [failed] = await client.runs.list(threadId);
    const headers = { 'idempotency-key': randomUUID() };
    const [again, repeated] = (await Promise.all(
      [0, 1].map(async () =>
        (await post('/runs/requeue', { status: ['error'], metadata: { tenant } }, headers)).json(),
      ),
    )) as Run[][];
    const run = again?.[0];
    expect(repeated?.map(({ run_id }) => run_id)).toEqual([run?.run_id]);
    expect(run).toMatchObject({
      thread_id: threadId,
      metadata: { tenant, requeued_from: failed?.run_id },
      kwargs: { input: { failures: 1 } },
    });
    expect(run?.run_id).not.toBe(failed?.run_id);
    await client.runs.join(threadId, run?.run_id ?? '');
    expect(await client.runs.list(threadId)).toHaveLength(2);
  });

  it('is refused a requeue while it is active, and one that is unknown is not found', async () => {
    const threadId = await newThread();
    const run = await client.runs.create(threadId, 'steps', { afterSeconds: 60 });
    expect((await post('/runs/requeue', { run_ids: [run.run_id] })).status).toBe(409);
    expect((await post('/runs/requeue', { run_ids: [randomUUID()] })).status).toBe(404);
    expect((await post('/runs/requeue', {})).status).toBe(422);
  });

  it('is explained: who executed it, how often, and how it ended', async () => {
    const threadId = await newThread();
    const running = await startSlow(threadId);
    const waiting = await client.runs.create(threadId, 'steps', { input: { ms: 1 } });
    expect((await explain(waiting.run_id)).now).toContain(`waits for run ${running.run_id}`);
    expect((await explain(running.run_id)).now).toMatch(/^Attempt 1 is executed by worker .*:\d+\.$/);
    await client.runs.cancel(threadId, running.run_id, true);
    const { timeline, now } = await explain(running.run_id);
    expect(now).toBe('It ended as interrupted.');
    expect(timeline.map(({ what }) => what)).toEqual(['create', 'claim', 'cancel', 'finish']);
    expect(timeline[1]).toMatchObject({ attempt: 1, host: expect.stringMatching(/:\d+$/) as unknown });
    expect(timeline[3]).toMatchObject({ status: 'interrupted' });
    expect((await fetch(`${apiUrl(stack)}/runs/${randomUUID()}/explain`)).status).toBe(404);
  });
});

describe('a webhook', () => {
  it('is in the outbox with the end of its run', async () => {
    const threadId = await newThread();
    const { run_id } = await client.runs.create(threadId, 'steps', { input: { ms: 1 }, webhook: '/hook' });
    await client.runs.join(threadId, run_id);
    const rows = await query(stack, 'SELECT url, payload FROM webhook_delivery WHERE run_id = $1', [run_id]);
    expect(rows).toMatchObject([
      {
        url: '/hook',
        payload: { run_id, thread_id: threadId, status: 'success', values: { ms: 1 }, error: null },
      },
    ]);
  });
});
