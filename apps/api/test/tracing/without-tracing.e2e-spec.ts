/**
 * A stack without any variable of OpenTelemetry pays nothing for traces, and still passes on those of its clients.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { waitUntil } from '@longrun/testing';
import { apiUrl, query, startStack } from '../support.js';
import { noteLoadedModules } from './noted.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
/** Where OTLP over HTTP goes by default. */
const DEFAULT_PORT = 4318;

describe('without traces', () => {
  const noted = noteLoadedModules();
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startStack({ apis: 1, workers: 1, env: noted.env });
  }, 120_000);
  afterAll(async () => {
    await stack.stop();
    noted.remove();
  });

  it('a run keeps the trace of its client, for its logs and for whoever records it', async () => {
    const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
    const response = await fetch(`${apiUrl(stack)}/runs/wait`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent },
      body: JSON.stringify({ assistant_id: 'steps', input: { ms: 0 } }),
    });
    expect(response.status).toBe(200);
    const rows = await query<{ run_id: string; traceparent: string }>(
      stack,
      'SELECT run_id, traceparent FROM run',
    );
    expect(rows).toEqual([{ run_id: expect.any(String), traceparent }]);
    const about = (): string[] =>
      stack
        .log('worker-0')
        .split('\n')
        .filter((line) => line.includes(rows[0]?.run_id ?? 'none'));
    await waitUntil(() => about().length > 0);
    const said = about().map((line) => JSON.parse(line) as { msg: string; traceId: string });
    expect(said.map(({ msg, traceId }) => [msg, traceId])).toEqual([['run ended', TRACE]]);
  });

  it.each(['api', 'worker', 'sweeper'])('%s loads no SDK and connects to no collector', (app) => {
    const { modules, ports } = noted.of(app);
    expect(ports.length).toBeGreaterThan(0);
    expect(ports).not.toContain(DEFAULT_PORT);
    expect(modules.filter((name) => name !== '@opentelemetry/api')).toEqual([]);
  });
});
