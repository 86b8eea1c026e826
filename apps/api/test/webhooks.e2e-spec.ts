/**
 * Webhooks: every run's end reaches its receiver, signed and at least once, whatever dies in between.
 */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '@langchain/langgraph-sdk';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { clientOf, query, startStack } from './support.js';

const SECRET = 'a secret of more than 24 characters';

interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  data: { run_id: string; status: string; values: { log?: string[] } | null; [field: string]: unknown };
}

let stack: TestStack;
let client: Client;
let receiver: Server;
let base: string;
const received: Received[] = [];
/** Status by path, for as many requests as there are; then 200. */
const answers = new Map<string, number[]>();

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const path = request.url ?? '';
      received.push({ path, headers: request.headers, body, data: JSON.parse(body) as Received['data'] });
      const status = answers.get(path)?.shift() ?? 200;
      if (status === 302) response.setHeader('location', '/elsewhere');
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const env = {
    WEBHOOK_SECRET: SECRET,
    WEBHOOK_ALLOW_PRIVATE: 'true',
    WEBHOOK_FIRST_PAUSE_SECONDS: '1',
    WEBHOOK_TIMEOUT_MS: '2000',
  };
  stack = await startStack({ apis: 1, workers: 1, sweepers: 2, env });
  client = clientOf(stack);
}, 120_000);
afterAll(async () => {
  await stack.stop();
  receiver.close();
});

async function runWith(
  webhook: string,
  payload: object = { input: { ms: 1 } },
  graph = 'steps',
): Promise<string> {
  const { run_id } = await client.runs.create(null, graph, { ...payload, webhook });
  return run_id;
}

const to = (path: string): Received[] => received.filter((one) => one.path === path);

interface Delivery {
  status: string;
  attempts: number;
  last_status: number | null;
  last_error: string | null;
}

async function deliveryOf(runId: string): Promise<Delivery | undefined> {
  const text = 'SELECT status, attempts, last_status, last_error FROM webhook_delivery WHERE run_id = $1';
  return (await query<Delivery & Record<string, unknown>>(stack, text, [runId]))[0];
}

describe('a webhook', () => {
  it('tells how a run ended, with what a client would have got, signed', async () => {
    const runId = await runWith(`${base}/success`);
    await waitUntil(() => to('/success').length > 0);
    const [{ data, headers, body }] = to('/success') as [Received];
    expect(data).toMatchObject({
      run_id: runId,
      status: 'success',
      kwargs: { input: { ms: 1 } },
      metadata: { graph_id: 'steps' },
      error: null,
    });
    expect(data.values?.log).toHaveLength(8);
    const time = (field: string): number => Date.parse(String(data[field]));
    expect(time('run_started_at')).toBeLessThanOrEqual(time('run_ended_at'));
    expect(time('run_ended_at')).toBeLessThanOrEqual(time('webhook_sent_at'));
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const signature = createHmac('sha256', SECRET).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signature}`);
  });

  it('tells of failures and cancels too', async () => {
    await runWith(`${base}/error`, { input: { ms: 1 } }, 'fails');
    const { thread_id } = await client.threads.create();
    const run = await client.runs.create(thread_id, 'steps', {
      input: { ms: 5_000 },
      webhook: `${base}/cancel`,
    });
    await client.runs.cancel(thread_id, run.run_id, true);
    await waitUntil(() => to('/error').length > 0 && to('/cancel').length > 0);
    expect(to('/error')[0]?.data).toMatchObject({ status: 'error', error: { error: 'TypeError' } });
    expect(to('/cancel')[0]?.data).toMatchObject({ status: 'interrupted' });
  });

  it('is sent again to a receiver that fails, under the same id', async () => {
    answers.set('/flaky', [500]);
    const runId = await runWith(`${base}/flaky`);
    await waitUntil(async () => (await deliveryOf(runId))?.status === 'delivered', { timeoutMs: 15_000 });
    expect(to('/flaky').map(({ headers }) => headers['webhook-id'])).toHaveLength(2);
    expect(new Set(to('/flaky').map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(await deliveryOf(runId)).toEqual({
      status: 'delivered',
      attempts: 2,
      last_status: 200,
      last_error: null,
    });
  });

  it('is not sent again to a receiver that is gone, and follows nobody', async () => {
    answers.set('/gone', [410]);
    answers.set('/moved', [302]);
    const [gone, moved] = [await runWith(`${base}/gone`), await runWith(`${base}/moved`)];
    await waitUntil(async () => (await deliveryOf(gone))?.status === 'failed');
    await waitUntil(async () => (await deliveryOf(moved))?.last_status === 302);
    expect(to('/elsewhere')).toEqual([]);
    expect(await deliveryOf(moved)).toMatchObject({
      status: 'pending',
      last_error: 'the receiver answered 302',
    });
  });

  it('that is a path goes to an api of this system', async () => {
    const runId = await runWith('/ok');
    // The route takes no POST: that it was asked is what matters.
    await waitUntil(async () => (await deliveryOf(runId))?.last_status === 404);
  });

  it('is sent once by two sweepers for each of 40 runs, and by the other when one is killed', async () => {
    const runs = await Promise.all(Array.from({ length: 40 }, () => runWith(`${base}/many`)));
    await waitUntil(() => to('/many').length > 5);
    const [sweeper] = stack.info.sweepers;
    process.kill(sweeper?.pid ?? 0, 'SIGKILL');
    await waitUntil(
      async () => {
        const states = await Promise.all(runs.map(deliveryOf));
        return states.every((delivery) => delivery?.status === 'delivered');
      },
      { timeoutMs: 30_000 },
    );
    const ids = new Set(to('/many').map(({ data }) => data.run_id));
    expect(ids).toEqual(new Set(runs));
  }, 60_000);
});
