import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { scrape, waitUntil, type Scrape } from '@longrun/testing';
import { apiUrl, clientOf, collect, ownerPid, runRow, startStack } from './support.js';

const LONG_MS = 60_000;
/** Of Node.js and of the Redis client: documented as groups. */
const OF_LIBRARIES = /^longrun_(nodejs|process|redis)_/;

describe('the metrics', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startStack({ apis: 1, workers: 1 });
  }, 120_000);
  afterAll(() => stack.stop());

  const urlOf = (service: 'worker' | 'sweeper'): string => stack.readStack()[`${service}s`][0]?.url ?? '';
  const api = (): Promise<Scrape> => scrape(apiUrl(stack));
  const worker = (): Promise<Scrape> => scrape(urlOf('worker'));
  const sweeper = (): Promise<Scrape> => scrape(urlOf('sweeper'));
  /** Creates a run with steps of `ms` and waits until it is executed. */
  const begin = async (ms: number): Promise<{ run_id: string; thread_id: string }> => {
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const { run_id } = await client.runs.create(thread_id, 'steps', { input: { ms } });
    await waitUntil(async () => (await runRow(stack, run_id))?.status === 'running');
    return { run_id, thread_id };
  };

  it('say how soon runs begin, how long attempts take and how they end, and how events are written and delivered', async () => {
    const client = clientOf(stack);
    const streamed = await collect(client.runs.stream(null, 'steps', { input: { ms: 50 } }));
    await client.runs.wait(null, 'steps', { input: { ms: 0 } });
    await collect(client.runs.stream(null, 'fails', { input: {} }));
    const { run_id, thread_id } = await begin(LONG_MS);
    const during = await worker();
    expect(during.get('longrun_active_runs')).toBe(1);
    await client.runs.cancel(thread_id, run_id, true);
    // An attempt is counted after its end has been told to whoever waits for it.
    const after = await waitUntil(async () => {
      const now = await worker();
      return now.get('longrun_attempt_seconds_count{outcome="interrupted"}') === 1 ? now : undefined;
    });
    expect(after.get('longrun_run_start_seconds_count')).toBe(4);
    expect(after.get('longrun_run_start_seconds_bucket{le="2.5"}')).toBe(4);
    expect(after.get('longrun_attempt_seconds_count{outcome="success"}')).toBe(2);
    expect(after.get('longrun_attempt_seconds_count{outcome="error"}')).toBe(1);
    expect(after.get('longrun_attempt_seconds_bucket{le="10",outcome="interrupted"}')).toBe(1);
    expect(after.get('longrun_run_seconds_count{status="success"}')).toBe(2);
    expect(after.get('longrun_run_seconds_count{status="interrupted"}')).toBe(1);
    expect(after.get('longrun_run_seconds_sum{status="success"}')).toBeGreaterThan(
      after.get('longrun_attempt_seconds_sum{outcome="success"}') ?? Infinity,
    );
    expect(after.get('longrun_repeated_attempts_total')).toBe(0);
    expect(after.get('longrun_cancel_seconds_count')).toBe(1);
    const written = after.get('longrun_event_append_batch_events_sum') ?? 0;
    // Besides `metadata` and the end, which belong to the claim and the finish.
    expect(written).toBeGreaterThanOrEqual(streamed.length - 2);
    expect(after.get('longrun_event_append_seconds_count')).toBeLessThanOrEqual(written);
    const seen = await api();
    expect(seen.get('longrun_event_delivery_seconds_count')).toBeGreaterThan(2);
    expect(seen.get('longrun_event_delivery_seconds_bucket{le="1"}')).toBe(
      seen.get('longrun_event_delivery_seconds_count'),
    );
  });

  it('say what waits for a worker, and since when, and what the pools have', async () => {
    expect(
      [await api(), await sweeper()].map((seen) => seen.get('longrun_queue_runs{priority="0"}')),
    ).toEqual([0, 0]);
    const pid = stack.readStack().workers[0]?.pid ?? 0;
    stack.kill(pid, 'SIGSTOP');
    const client = clientOf(stack);
    const { thread_id } = await client.threads.create();
    const run = await client.runs.create(thread_id, 'steps', { input: { ms: 0 } });
    // One that waits for the one before it is not for any worker to take.
    const next = await client.runs.create(thread_id, 'steps', { input: { ms: 0 } });
    const waiting = await waitUntil(async () => {
      const now = await sweeper();
      return now.get('longrun_queue_runs{priority="0"}') === 1 ? now : undefined;
    });
    expect(waiting.get('longrun_queue_oldest_seconds{priority="0"}')).toBeGreaterThan(0);
    stack.kill(pid, 'SIGCONT');
    for (const { run_id } of [run, next]) await client.runs.join(thread_id, run_id);
    const seen = await api();
    expect(seen.get('longrun_postgres_pool_connections{state="idle"}')).toBeGreaterThan(0);
    expect(seen.get('longrun_postgres_pool_waiting')).toBe(0);
  });

  /** Names and types of all metrics: also of those that have no value yet. */
  const declared = async (): Promise<Map<string, string>> => {
    const pages = await Promise.all(
      [apiUrl(stack), urlOf('worker'), urlOf('sweeper')].map(async (url) =>
        (await fetch(`${url}/metrics`)).text(),
      ),
    );
    const types = pages.flatMap((page) => [...page.matchAll(/^# TYPE (\w+) (\w+)$/gm)]);
    return new Map(types.map(([, name = '', type = '']) => [name, type]));
  };

  it.each(['infra/prometheus/alerts.yml', 'infra/grafana/dashboards/longrun.json'])(
    'are all there that %s asks for',
    async (file) => {
      const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
      const asked = new Set(text.match(/\blongrun_[a-z0-9_]+/g));
      const names = new Set(
        [...(await declared())].flatMap(([name, type]) =>
          type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
        ),
      );
      expect(asked.size).toBeGreaterThan(5);
      expect([...asked].filter((name) => !names.has(name))).toEqual([]);
    },
  );

  it('are those of the table in docs/observability.md, no more and no less', async () => {
    const page = readFileSync(new URL('../../../docs/observability.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| `(longrun_\w+)/gm)].map(([, name = '']) => name);
    const own = [...(await declared()).keys()].filter((name) => !OF_LIBRARIES.test(name));
    expect(documented.sort()).toEqual(own.sort());
  });

  it('say what was rescued, and that it was executed again', async () => {
    const { run_id } = await begin(LONG_MS);
    process.kill(await ownerPid(stack, run_id), 'SIGKILL');
    await waitUntil(async () => (await runRow(stack, run_id))?.attempt === 2, { timeoutMs: 30_000 });
    expect((await sweeper()).get('longrun_rescued_runs_total')).toBe(1);
    expect((await worker()).get('longrun_repeated_attempts_total')).toBe(1);
  });
});
