/**
 * What each documented field of runs does. All requests that create a run have one body: each field's effect is shown where it is
 * seen best, and every other route is sent all of them.
 */
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { waitUntil } from '@longrun/testing';
import { query } from '../support.js';
import {
  eventsIn,
  partOf,
  shows,
  type Answer,
  type FieldProbe,
  type FieldScenario,
  type Sending,
} from './field-probe.js';

type Send = (sending: Sending) => Promise<Answer>;

const CREATE = 'POST /threads/{thread_id}/runs';
const WAIT = 'POST /threads/{thread_id}/runs/wait';
const STREAM = 'POST /threads/{thread_id}/runs/stream';
const REFUSED = { feedback_keys: ['k'], langsmith_tracer: { project_name: 'p' } };
/** Runs with a thread, and runs without: what is refused, and what means nothing to them. */
const WITH_THREAD = { refused: REFUSED, ignored: ['on_completion'] };
const STATELESS = {
  refused: { ...REFUSED, checkpoint: { checkpoint_id: randomUUID() }, checkpoint_id: randomUUID() },
  ignored: ['multitask_strategy', 'if_not_exists'],
};

const newThread = async ({ client }: FieldProbe): Promise<string> =>
  (await client.threads.create()).thread_id;

/** Sends a run of `steps` on a new thread. */
async function steps(
  send: Send,
  probe: FieldProbe,
  body: object,
): Promise<{ answer: Answer; thread_id: string }> {
  const thread_id = await newThread(probe);
  const given = { assistant_id: 'steps', input: { ms: 1 }, ...body };
  return { answer: await send({ path: { thread_id }, body: given }), thread_id };
}

/** All fields at once; null where a value would exclude another. */
const ALL_FIELDS = {
  assistant_id: 'steps',
  input: { ms: 1 },
  command: null,
  config: { tags: ['t'] },
  context: { c: 1 },
  metadata: {},
  stream_mode: ['updates'],
  stream_subgraphs: true,
  stream_resumable: true,
  interrupt_before: [],
  interrupt_after: ['step1'],
  checkpoint: null,
  checkpoint_id: null,
  webhook: 'http://receiver.invalid/',
  multitask_strategy: 'enqueue',
  on_completion: 'keep',
  on_disconnect: 'continue',
  after_seconds: 0,
  if_not_exists: 'reject',
  checkpoint_during: null,
  durability: 'sync',
  strict_resume: false,
  priority: 1,
  retry_policy: { max_attempts: 2 },
};

function sameBody(route: string, wrap: (body: object) => object = (body) => body): FieldScenario {
  const isStream = route.endsWith('/stream');
  const { refused, ignored } = route.includes('{thread_id}') ? WITH_THREAD : STATELESS;
  const fields = [...Object.keys(ALL_FIELDS), ...Object.keys(REFUSED), ...(isStream ? ['namespace'] : [])];
  return shows(route, fields.join(' '), async (send, probe) => {
    const path = { thread_id: await newThread(probe) };
    const mark = randomUUID();
    const querySent = isStream ? { query: { namespace: '' } } : {};
    const answer = await send({
      path,
      body: wrap({ ...ALL_FIELDS, metadata: { mark } }),
      ignored,
      ...querySent,
    });
    expect([route, answer.status]).toEqual([route, 200]);
    const [run] = await query<{ priority: number; kwargs: object }>(
      probe.stack,
      "SELECT priority, kwargs FROM run WHERE metadata ->> 'mark' = $1",
      [mark],
    );
    expect(run).toMatchObject({
      priority: 1,
      kwargs: {
        context: { c: 1 },
        config: { tags: ['t'] },
        stream_mode: ['updates'],
        subgraphs: true,
        resumable: true,
        interrupt_after: ['step1'],
        webhook: 'http://receiver.invalid/',
        durability: 'sync',
        retry_policy: { max_attempts: 2 },
      },
    });
    for (const [field, value] of Object.entries(refused)) {
      const answer = await send({ path, body: wrap({ assistant_id: 'steps', [field]: value }) });
      expect([answer.status, partOf(answer, 'detail')]).toEqual([
        422,
        expect.stringContaining(`${field}: is not available`),
      ]);
    }
  });
}

async function checkpointAfterThreeSteps({ client }: FieldProbe, thread_id: string): Promise<string> {
  await client.runs.wait(thread_id, 'steps', { input: { ms: 1 } });
  const history = await client.threads.getHistory<{ log: string[] }>(thread_id, { limit: 20 });
  return history.find(({ values }) => values.log?.length === 3)?.checkpoint.checkpoint_id ?? '';
}

/** The log of the answer of a wait. */
const logOf = ({ text }: Answer): string[] => (JSON.parse(text) as { log: string[] }).log;

const EFFECTS: readonly FieldScenario[] = [
  shows(WAIT, 'assistant_id input command', async (send, probe) => {
    expect(logOf((await steps(send, probe, { input: { ms: 1, log: ['x'] } })).answer)[0]).toBe('x');
    const path = { thread_id: await newThread(probe) };
    const asked = await send({ path, body: { assistant_id: 'ask', input: {} } });
    expect(JSON.parse(asked.text)).toMatchObject({ __interrupt__: [{ value: 'first?' }] });
    const again = await send({ path, body: { assistant_id: 'ask', command: { resume: 'a' } } });
    expect(JSON.parse(again.text)).toMatchObject({ __interrupt__: [{ value: 'second?' }] });
  }),
  shows(WAIT, 'config', async (send, probe) => {
    const config = { configurable: { node: 'mine' } };
    const path = { thread_id: await newThread(probe) };
    const answer = await send({ path, body: { assistant_id: 'configured', input: {}, config } });
    expect(JSON.parse(answer.text)).toEqual({ answer: 'mine' });
  }),
  shows(CREATE, 'context metadata', async (send, probe) => {
    const { assistant_id } = await probe.client.assistants.create({
      graphId: 'steps',
      context: { a: 1, b: 1 },
      metadata: { x: 1, y: 1 },
    });
    const { answer } = await steps(send, probe, { assistant_id, context: { b: 2 }, metadata: { y: 2 } });
    expect(answer.body).toMatchObject({ kwargs: { context: { a: 1, b: 2 } }, metadata: { x: 1, y: 2 } });
  }),
  shows(STREAM, 'stream_mode stream_subgraphs namespace', async (send, probe) => {
    const events = async (body: object, namespace?: string): Promise<Set<string>> => {
      const path = { thread_id: await newThread(probe) };
      const sending = { path, body: { assistant_id: 'nested', input: {}, ...body } };
      const { text } = await send({
        ...sending,
        ...(namespace === undefined ? {} : { query: { namespace } }),
      });
      return new Set(eventsIn(text).map((name) => name.replace(/:.*/, '')));
    };
    expect(await events({})).toEqual(new Set(['metadata', 'values']));
    expect(await events({ stream_mode: 'updates' })).toEqual(new Set(['metadata', 'updates']));
    const both = { stream_mode: ['updates'], stream_subgraphs: true };
    expect(await events(both)).toEqual(new Set(['metadata', 'updates', 'updates|inner']));
    expect(await events(both, '')).toEqual(new Set(['metadata', 'updates']));
  }),
  shows('POST /runs/stream', 'stream_resumable', async (send) => {
    const body = { assistant_id: 'steps', input: { ms: 1 } };
    expect((await send({ body })).text).not.toMatch(/^id: /m);
    expect((await send({ body: { ...body, stream_resumable: true } })).text).toMatch(/^id: 0\r$/m);
  }),
  ...Object.entries({ interrupt_before: 'step1', interrupt_after: 'step2' }).map(([field, next]) =>
    shows(WAIT, field, async (send, probe) => {
      const { thread_id } = await steps(send, probe, { [field]: ['step1'] });
      expect((await probe.client.threads.getState(thread_id)).next).toEqual([next]);
      expect((await probe.client.threads.get(thread_id)).status).toBe('interrupted');
    }),
  ),
  ...['checkpoint', 'checkpoint_id'].map((field) =>
    shows(WAIT, field, async (send, probe) => {
      const path = { thread_id: await newThread(probe) };
      const checkpoint_id = await checkpointAfterThreeSteps(probe, path.thread_id);
      const from = field === 'checkpoint' ? { checkpoint: { checkpoint_id } } : { checkpoint_id };
      const answer = await send({ path, body: { assistant_id: 'steps', input: { log: ['fork'] }, ...from } });
      expect(logOf(answer)[3]).toBe('fork');
    }),
  ),
  shows(CREATE, 'webhook priority', async (send, probe) => {
    const { answer } = await steps(send, probe, { webhook: 'http://receiver.invalid/', priority: 7 });
    const { run_id, thread_id } = answer.body as { run_id: string; thread_id: string };
    await probe.client.runs.join(thread_id, run_id);
    const text = 'SELECT url, priority FROM webhook_delivery JOIN run USING (run_id) WHERE run_id = $1';
    expect(await query(probe.stack, text, [run_id])).toEqual([
      { url: 'http://receiver.invalid/', priority: 7 },
    ]);
  }),
  shows(CREATE, 'multitask_strategy after_seconds', async (send, probe) => {
    const { answer, thread_id } = await steps(send, probe, { after_seconds: 3_600 });
    const run = answer.body as { run_id: string; status: string };
    expect(run.status).toBe('pending');
    const body = { assistant_id: 'steps', multitask_strategy: 'reject' };
    expect((await send({ path: { thread_id }, body })).status).toBe(409);
    expect((await probe.client.runs.get(thread_id, run.run_id)).status).toBe('pending');
    await probe.client.runs.cancel(thread_id, run.run_id, true);
  }),
  shows('POST /runs/wait', 'on_completion', async (send, { client }) => {
    const threadAfter = async (on_completion: string): Promise<string> => {
      const { headers } = await send({ body: { assistant_id: 'steps', input: { ms: 1 }, on_completion } });
      return headers.get('content-location')?.split('/')[2] ?? '';
    };
    expect((await client.threads.get(await threadAfter('keep'))).status).toBe('idle');
    await expect(client.threads.get(await threadAfter('delete'))).rejects.toThrow(/404/);
  }),
  shows(WAIT, 'on_completion', async (send, probe) => {
    const path = { thread_id: await newThread(probe) };
    const body = { assistant_id: 'steps', input: { ms: 1 }, on_completion: 'delete' };
    await send({ path, body, ignored: ['on_completion'] });
    expect((await probe.client.threads.get(path.thread_id)).status).toBe('idle');
  }),
  shows(STREAM, 'on_disconnect', async (_send, probe) => {
    const left = async (on_disconnect: string): Promise<string> => {
      const path = { thread_id: await newThread(probe) };
      const abort = new AbortController();
      const body = { assistant_id: 'steps', input: { ms: 40 }, on_disconnect };
      const response = await probe.open(STREAM, { path, body, signal: abort.signal });
      const runId = response.headers.get('content-location')?.split('/').at(-1) ?? '';
      abort.abort();
      return waitUntil(
        async () => {
          const { status } = await probe.client.runs.get(path.thread_id, runId);
          return status === 'pending' || status === 'running' ? undefined : status;
        },
        { message: `the end of a run whose reader left (${on_disconnect})` },
      );
    };
    expect([await left('cancel'), await left('continue')]).toEqual(['interrupted', 'success']);
  }),
  shows(WAIT, 'if_not_exists', async (send) => {
    const body = { assistant_id: 'steps', input: { ms: 1 } };
    const post = async (if_not_exists: string): Promise<number> =>
      (await send({ path: { thread_id: randomUUID() }, body: { ...body, if_not_exists } })).status;
    expect([await post('create'), await post('reject')]).toEqual([200, 404]);
  }),
  ...Object.entries({ durability: ['sync', 'exit'], checkpoint_during: [true, false] }).map(
    ([field, [every, last]]) =>
      shows(WAIT, field, async (send, probe) => {
        const checkpoints = async (value: unknown): Promise<number> => {
          const { thread_id } = await steps(send, probe, { [field]: value });
          return (await probe.client.threads.getHistory(thread_id, { limit: 20 })).length;
        };
        expect([await checkpoints(every), await checkpoints(last)]).toEqual([10, 1]);
      }),
  ),
  shows(WAIT, 'strict_resume', async (send, probe) => {
    const { client } = probe;
    const path = { thread_id: await newThread(probe) };
    await client.runs.wait(path.thread_id, 'ask', { input: {} });
    const resume = { [randomUUID().replaceAll('-', '')]: 'x' };
    const body = { assistant_id: 'ask', command: { resume } };
    const strict = await send({ path, body: { ...body, strict_resume: true } });
    expect(JSON.parse(strict.text)).toMatchObject({ __error__: { error: 'UnknownInterruptError' } });
    const lenient = await send({ path, body: { ...body, strict_resume: false } });
    expect(JSON.parse(lenient.text)).not.toHaveProperty('__error__');
  }),
  shows(WAIT, 'retry_policy', async (send, probe) => {
    const path = { thread_id: await newThread(probe) };
    const retry_policy = { max_attempts: 2, initial_interval: 0.01 };
    const body = { assistant_id: 'flaky', input: { failures: 1 }, retry_policy };
    expect(logOf(await send({ path, body }))).toEqual(['before', 'worked in attempt 2']);
  }),
  shows('GET /threads/{thread_id}/runs', 'limit offset status select', async (send, probe) => {
    const path = { thread_id: await newThread(probe) };
    for (const graph of ['steps', 'fails', 'steps'])
      await probe.client.runs.wait(path.thread_id, graph, { input: { ms: 1 }, raiseError: false });
    const list = async (given: Record<string, string>): Promise<unknown> =>
      (await send({ path, query: { select: 'status', ...given } })).body;
    const [good, bad] = [{ status: 'success' }, { status: 'error' }];
    expect(await list({})).toEqual([good, bad, good]);
    expect(await list({ limit: '1', offset: '1' })).toEqual([bad]);
    expect(await list({ status: 'error' })).toEqual([bad]);
  }),
  shows('POST /threads/{thread_id}/runs/{run_id}/cancel', 'wait action reason', async (send, probe) => {
    const active = async (): Promise<{ thread_id: string; run_id: string }> => {
      const thread_id = await newThread(probe);
      const { run_id } = await probe.client.runs.create(thread_id, 'steps', { input: { ms: 2_000 } });
      return { thread_id, run_id };
    };
    const taken = await active();
    expect((await send({ path: taken, query: { wait: '1', reason: 'taken' } })).status).toBe(200);
    expect(await probe.client.runs.get(taken.thread_id, taken.run_id)).toMatchObject({
      status: 'interrupted',
      cancel_reason: expect.stringMatching(/^taken/),
    });
    const rolledBack = await active();
    const answer = await send({ path: rolledBack, query: { wait: '0', action: 'rollback' } });
    expect([answer.status, answer.text]).toEqual([202, '']);
    await waitUntil(
      () =>
        probe.client.runs.get(rolledBack.thread_id, rolledBack.run_id).then(
          () => false,
          () => true,
        ),
      { message: 'the rollback' },
    );
  }),
  shows('POST /runs/cancel', 'thread_id run_ids status action', async (send, { client }) => {
    const { thread_id } = await client.threads.create();
    const create = async (): Promise<string> =>
      (await client.runs.create(thread_id, 'steps', { input: { ms: 2_000 } })).run_id;
    const [first, second] = [await create(), await create()];
    expect(
      (await send({ body: { thread_id, run_ids: [second] }, query: { action: 'rollback' } })).status,
    ).toBe(204);
    await expect(client.runs.get(thread_id, second)).rejects.toThrow(/404/);
    expect((await send({ body: { thread_id, status: 'all' } })).status).toBe(204);
    await client.runs.join(thread_id, first);
    expect((await client.runs.get(thread_id, first)).status).toBe('interrupted');
  }),
];

const JOIN = 'GET /threads/{thread_id}/runs/{run_id}/join';
const JOIN_STREAM = 'GET /threads/{thread_id}/runs/{run_id}/stream';
const JOIN_STATELESS = 'GET /runs/{run_id}/stream';

const JOINS: readonly FieldScenario[] = [
  ...[JOIN_STREAM, JOIN_STATELESS].map((route) =>
    shows(route, 'stream_mode namespace', async (send, { client }) => {
      const { thread_id } = await client.threads.create();
      const options = { input: {}, streamMode: ['updates', 'values'] as never, streamSubgraphs: true };
      const { run_id } = await client.runs.create(thread_id, 'nested', options);
      const given = { stream_mode: 'updates', namespace: '' };
      const { text } = await send({ path: { thread_id, run_id }, query: given });
      expect(new Set(eventsIn(text))).toEqual(new Set(['metadata', 'updates']));
    }),
  ),
  ...[JOIN, JOIN_STREAM, JOIN_STATELESS].map((route) =>
    shows(route, 'cancel_on_disconnect', async (_send, probe) => {
      const { client } = probe;
      const { thread_id } = await client.threads.create();
      const { run_id } = await client.runs.create(thread_id, 'steps', { input: { ms: 2_000 } });
      const abort = new AbortController();
      const sending = {
        path: { thread_id, run_id },
        query: { cancel_on_disconnect: '1' },
        signal: abort.signal,
      };
      await probe.open(route, sending);
      abort.abort();
      await waitUntil(async () => (await client.runs.get(thread_id, run_id)).status === 'interrupted', {
        message: 'the cancel after the reader left',
      });
    }),
  ),
];

export const FIELDS_OF_RUNS: readonly FieldScenario[] = [
  ...EFFECTS,
  ...JOINS,
  ...[CREATE, WAIT, STREAM, 'POST /runs', 'POST /runs/wait', 'POST /runs/stream'].map((route) =>
    sameBody(route),
  ),
  sameBody('POST /runs/batch', (body) => [body]),
];
