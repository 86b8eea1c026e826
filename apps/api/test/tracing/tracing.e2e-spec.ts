/**
 * Traces: one for all that becomes of a request, whichever processes do it.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { apiUrl, clientOf, ownerPid, query, runRow, startStack } from '../support.js';
import { Collector, type SeenSpan } from './collector.js';
import { noteLoadedModules } from './noted.js';

const CLIENT_SPAN = 'b7ad6b7169203331';
const PROCESSES = ['api-0', 'worker-0', 'worker-1', 'sweeper-0'];

interface LogLine {
  msg: string;
  runId?: string;
  [field: string]: unknown;
}

describe('traces', () => {
  const collector = new Collector();
  const noted = noteLoadedModules();
  const delivered: IncomingHttpHeaders[] = [];
  const receiver = createServer((request, response) => {
    delivered.push(request.headers);
    request.resume().on('end', () => response.end());
  });
  let stack: TestStack;
  beforeAll(async () => {
    await collector.open();
    await once(receiver.listen(0, '127.0.0.1'), 'listening');
    const env = {
      ...noted.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
      OTEL_BSP_SCHEDULE_DELAY: '50',
      WEBHOOK_ALLOW_PRIVATE: 'true',
    };
    stack = await startStack({ apis: 1, workers: 2, env });
  }, 120_000);
  afterAll(async () => {
    await stack.stop();
    collector.close();
    receiver.close();
    noted.remove();
  });

  const newTrace = (): string => randomBytes(16).toString('hex');
  const sent = (traceId: string) => ({ traceparent: `00-${traceId}-${CLIENT_SPAN}-01` });
  const post = (path: string, body: object, headers: Record<string, string>): Promise<Response> =>
    fetch(`${apiUrl(stack)}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  /** Waits for so many spans of a name. */
  const seen = async (traceId: string, name: string, count = 1): Promise<SeenSpan[]> =>
    waitUntil(
      () => {
        const found = collector.of(traceId, name);
        return found.length >= count && found;
      },
      { timeoutMs: 20_000, message: `${count} spans ${name} of the trace` },
    );
  const one = async (traceId: string, name: string): Promise<SeenSpan> => {
    const [first] = await seen(traceId, name);
    if (!first) throw new Error('There is none.');
    return first;
  };
  const lines = (): LogLine[] =>
    PROCESSES.flatMap((name) => stack.log(name).split('\n'))
      .filter((line) => line.startsWith('{"level"'))
      .map((line) => JSON.parse(line) as LogLine);

  it('go from the client over api, queue, worker and nodes to the webhook, and a later join is part of them', async () => {
    const traceId = newTrace();
    const { thread_id } = await clientOf(stack).threads.create();
    const webhook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const body = { assistant_id: 'nested', input: {}, stream_mode: ['updates'], webhook };
    const response = await post(`/threads/${thread_id}/runs/stream`, body, sent(traceId));
    expect(await response.text()).toContain('event: updates');
    const runId = response.headers.get('content-location')?.split('/').at(-1) ?? '';
    const join = await fetch(`${apiUrl(stack)}/threads/${thread_id}/runs/${runId}/stream`, {
      headers: { ...sent(traceId), 'last-event-id': '-1' },
    });
    await join.text();

    const request = await one(traceId, 'POST /threads/:thread_id/runs/stream');
    expect(request).toMatchObject({
      parentSpanId: CLIENT_SPAN,
      service: 'longrun-api',
      attributes: {
        'http.request.method': 'POST',
        'http.response.status_code': 200,
        'gen_ai.conversation.id': thread_id,
      },
    });
    const run = await one(traceId, 'run');
    expect(run).toMatchObject({
      parentSpanId: request.spanId,
      service: 'longrun-worker',
      attributes: {
        'gen_ai.agent.name': 'nested',
        'longrun.run.id': runId,
        'longrun.run.attempt': 1,
        'longrun.run.outcome': 'success',
      },
    });
    const inner = await one(traceId, 'node inner');
    const webhookSpan = await one(traceId, 'webhook');
    const joined = await one(traceId, 'GET /threads/:thread_id/runs/:run_id/stream');
    const streams = await seen(traceId, 'stream', 2);
    const parents = {
      enqueue: (await one(traceId, 'enqueue')).parentSpanId,
      outer: (await one(traceId, 'node outer')).parentSpanId,
      inner: inner.parentSpanId,
      deep: (await one(traceId, 'node deep')).parentSpanId,
      finish: (await one(traceId, 'finish')).parentSpanId,
      webhook: webhookSpan.parentSpanId,
      joined: joined.parentSpanId,
      streams: streams.map(({ parentSpanId }) => parentSpanId).sort(),
    };
    expect(parents).toEqual({
      enqueue: request.spanId,
      outer: run.spanId,
      inner: run.spanId,
      deep: inner.spanId,
      finish: run.spanId,
      webhook: request.spanId,
      joined: CLIENT_SPAN,
      streams: [request.spanId, joined.spanId].sort(),
    });
    expect(delivered.map(({ traceparent }) => traceparent)).toEqual([
      `00-${traceId}-${webhookSpan.spanId}-01`,
    ]);
    expect(webhookSpan.attributes['http.response.status_code']).toBe(200);
    // Every node once, and none that is not the graph's.
    const nodes = collector.spans.filter((span) => span.traceId === traceId && span.name.startsWith('node '));
    expect(nodes.map(({ name }) => name).sort()).toEqual(['node deep', 'node inner', 'node outer']);
  }, 60_000);

  it('hold every attempt of a run: also the one after a kill -9', async () => {
    const traceId = newTrace();
    const { thread_id } = await clientOf(stack).threads.create();
    const body = { assistant_id: 'steps', input: { ms: 200 } };
    const created = await post(`/threads/${thread_id}/runs`, body, sent(traceId));
    const { run_id } = (await created.json()) as { run_id: string };
    await seen(traceId, 'node step1');
    process.kill(await ownerPid(stack, run_id), 'SIGKILL');
    await waitUntil(async () => (await runRow(stack, run_id))?.status === 'success', { timeoutMs: 30_000 });
    const request = await one(traceId, 'POST /threads/:thread_id/runs');
    const second = await one(traceId, 'run');
    expect(second).toMatchObject({ parentSpanId: request.spanId, attributes: { 'longrun.run.attempt': 2 } });
    expect((await one(traceId, 'node step7')).parentSpanId).toBe(second.spanId);

    // Every line that is about the run says so, whoever wrote it.
    const about = lines().filter(({ runId }) => runId === run_id);
    expect(about.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['run goes on elsewhere', 'run ended']),
    );
    const ids = { runId: run_id, threadId: thread_id };
    expect(about.find(({ msg }) => msg === 'run goes on elsewhere')).toMatchObject({ ...ids, attempt: 1 });
    expect(about.find(({ msg }) => msg === 'run ended')).toMatchObject({
      ...ids,
      attempt: 2,
      traceId,
      spanId: second.spanId,
    });
  }, 60_000);

  it('say what failed', async () => {
    const traceId = newTrace();
    await (await post('/runs/wait', { assistant_id: 'fails', input: {} }, sent(traceId))).text();
    const run = await one(traceId, 'run');
    expect(run).toMatchObject({
      status: { code: 2 },
      events: ['exception'],
      attributes: { 'longrun.run.outcome': 'error' },
    });
    const failed = collector.spans.filter(
      (span) => span.traceId === traceId && span.name.startsWith('node ') && span.status.code === 2,
    );
    expect(failed).toHaveLength(1);
  });

  it.each(['nonsense', `00-${'0'.repeat(32)}-${CLIENT_SPAN}-01`, `ff-${'a'.repeat(32)}-${CLIENT_SPAN}-01`])(
    'begin anew where a client sends %s as its own',
    async (traceparent) => {
      const response = await post('/runs', { assistant_id: 'steps', input: { ms: 0 } }, { traceparent });
      const { run_id } = (await response.json()) as { run_id: string };
      const run = await waitUntil(() =>
        collector.spans.find(
          ({ name, attributes }) => name === 'run' && attributes['longrun.run.id'] === run_id,
        ),
      );
      expect(traceparent).not.toContain(run.traceId);
      expect((await one(run.traceId, 'POST /runs')).parentSpanId).toBeUndefined();
    },
  );

  it('go into the process of its own that a suspect gets, and so do the ids of log lines', async () => {
    const traceId = newTrace();
    const { thread_id } = await clientOf(stack).threads.create();
    const body = { assistant_id: 'rejects', input: {}, after_seconds: 2 };
    const created = await post(`/threads/${thread_id}/runs`, body, sent(traceId));
    const { run_id } = (await created.json()) as { run_id: string };
    await query(stack, 'UPDATE run SET crashes = 2 WHERE run_id = $1', [run_id]);
    const run = await one(traceId, 'run');
    expect(run.attributes['longrun.run.outcome']).toBe('error');
    expect((await one(traceId, 'node leave')).parentSpanId).toBe(run.spanId);
    expect(lines().find(({ runId, isolated }) => runId === run_id && isolated === true)).toMatchObject({
      msg: 'a promise of the graph was rejected and nobody awaited it',
      threadId: thread_id,
      attempt: 1,
      traceId,
      spanId: run.spanId,
    });
  }, 60_000);

  it('come back with a suspect that has made progress', async () => {
    const traceId = newTrace();
    const { thread_id } = await clientOf(stack).threads.create();
    const body = { assistant_id: 'whereabouts', input: {}, after_seconds: 2 };
    const created = await post(`/threads/${thread_id}/runs`, body, sent(traceId));
    const { run_id } = (await created.json()) as { run_id: string };
    await query(stack, 'UPDATE run SET crashes = 2 WHERE run_id = $1', [run_id]);
    const run = await one(traceId, 'run');
    for (const step of ['one', 'two', 'three', 'four']) {
      expect((await one(traceId, `node ${step}`)).parentSpanId).toBe(run.spanId);
    }
  }, 60_000);

  it('have no spans but those of docs/observability.md, which are all there', () => {
    const page = readFileSync(new URL('../../../../docs/observability.md', import.meta.url), 'utf8');
    const [, traces = ''] = /^## Traces$(.*?)^## /ms.exec(page) ?? [];
    const documented = [...traces.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);
    const kinds = collector.spans.map(({ name }) =>
      name.replace(/^[A-Z]+ .*/, '<method> <route>').replace(/^node .*/, 'node <name>'),
    );
    // No cron has been due here.
    expect([...new Set([...kinds, 'cron'])].sort()).toEqual(documented.sort());
  });

  it('are nobody else’s trouble when the collector is away: each process says so once, and runs succeed', async () => {
    collector.close();
    for (let i = 0; i < 5; i += 1) {
      expect(await clientOf(stack).runs.wait(null, 'steps', { input: { ms: 0 } })).toHaveProperty('log');
    }
    const told = (name: string, text: string): LogLine[] => {
      const of = stack
        .log(name)
        .split('\n')
        .filter((line) => line.includes(text));
      return of.map((line) => JSON.parse(line) as LogLine);
    };
    const executors = ['api-0', 'worker-0', 'worker-1'];
    await waitUntil(
      () => executors.some((name) => name !== 'api-0' && told(name, 'traces do not arrive').length > 0),
      {
        timeoutMs: 20_000,
      },
    );
    await waitUntil(() => told('api-0', 'traces do not arrive').length > 0, { timeoutMs: 20_000 });
    for (let i = 0; i < 5; i += 1) await clientOf(stack).runs.wait(null, 'steps', { input: { ms: 0 } });
    for (const name of executors) {
      expect(told(name, 'traces do not arrive').length).toBeLessThanOrEqual(1);
      expect(told(name, '"level":"error"')).toEqual([]);
    }
    await collector.open();
    await clientOf(stack).runs.wait(null, 'steps', { input: { ms: 0 } });
    await waitUntil(() => told('api-0', 'traces arrive again').length === 1, { timeoutMs: 20_000 });
  }, 60_000);

  it('need the SDK, which the test of processes without traces looks for', () => {
    for (const app of ['api', 'worker', 'sweeper']) {
      expect(noted.of(app).modules).toEqual(
        expect.arrayContaining(['@opentelemetry/sdk-trace-base', '@opentelemetry/exporter-trace-otlp-http']),
      );
    }
    expect(noted.of('api').ports).toContain(Number(new URL(collector.url).port));
  });
});
