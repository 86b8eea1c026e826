/**
 * How much a caller may ask for: requests per second and runs per window, of all apis together; with and without Redis.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestRedis, waitUntil, type TestRedis } from '@longrun/testing';
import type { TestStack } from '@longrun/test-stack';
import { Redis } from 'ioredis';
import { apiUrl, longrun, query, startStack } from '../support.js';

/** So slow that nothing comes back while a test runs, but for the test that waits for it. */
const BURST = 20;
const QUOTA = 3;

let redis: TestRedis;
let stack: TestStack;
beforeAll(async () => {
  redis = await startTestRedis();
  stack = await startStack({
    redisUrl: redis.url,
    apis: 2,
    workers: 1,
    env: {
      AUTH: 'keys',
      RATE_LIMIT_PER_SECOND: '1',
      RATE_LIMIT_BURST: String(BURST),
      RUN_QUOTA: String(QUOTA),
      RUN_QUOTA_WINDOW_SECONDS: '3600',
    },
  });
}, 120_000);
afterAll(async () => {
  await stack.stop();
  await redis.stop();
});

async function newKey(...limits: string[]): Promise<string> {
  const made = await longrun(
    'keys',
    'create',
    '--name',
    'x',
    '--json',
    '--data-dir',
    stack.dataDir,
    ...limits,
  );
  return (JSON.parse(made) as { key: string }).key;
}

const send = (key: string, path: string, body?: object, api = 0, headers = {}): Promise<Response> =>
  fetch(`${apiUrl(stack, api)}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { 'x-api-key': key, 'content-type': 'application/json', ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });

const RUN = { assistant_id: 'steps', input: { ms: 1 } };

async function countRows(): Promise<unknown> {
  const [row] = await query(
    stack,
    `SELECT (SELECT count(*) FROM run)::int AS runs, (SELECT count(*) FROM thread)::int AS threads,
       (SELECT count(*) FROM idempotency_key)::int AS keys`,
  );
  return row;
}

/** Commands on the limits of callers while something is done. */
async function commandsDuring(work: () => Promise<void>): Promise<number> {
  const own = new Redis(redis.url);
  const monitor = await own.monitor();
  let commands = 0;
  let isOver: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (isOver = resolve));
  monitor.on('monitor', (_time: string, args: string[], source: string) => {
    if (source !== 'lua' && args.some((arg) => arg.includes('longrun:limit:'))) commands += 1;
    if (args[0]?.toLowerCase() === 'echo') isOver();
  });
  await work();
  // It comes behind everything that was sent before.
  await own.echo('over');
  await over;
  monitor.disconnect();
  own.disconnect();
  return commands;
}

describe('requests per second', () => {
  it('are counted by all apis together, and refused with the time until the next', async () => {
    const key = await newKey();
    const answers = await Promise.all(
      Array.from({ length: 2 * BURST }, (_, i) => send(key, '/assistants/steps', undefined, i % 2)),
    );
    const passed = answers.filter(({ status }) => status === 200);
    // One may come back meanwhile.
    expect(passed.length).toBeGreaterThanOrEqual(BURST);
    expect(passed.length).toBeLessThan(BURST + 5);
    expect(passed[0]?.headers.get('ratelimit-policy')).toBe(
      `"requests";q=${BURST};w=${BURST}, "runs";q=3;w=3600`,
    );
    expect(passed[0]?.headers.get('ratelimit')).toMatch(/^"requests";r=\d+;t=\d+, "runs";r=3;t=3600$/);
    const refused = answers.find(({ status }) => status !== 200);
    expect([refused?.status, refused?.headers.get('retry-after'), await refused?.json()]).toEqual([
      429,
      '1',
      { code: 'RATE_LIMITED', detail: 'This caller may send 1 request per second. Try again in 1 s.' },
    ]);
    // As long as it says, and not longer.
    await waitUntil(async () => (await send(key, '/assistants/steps')).status === 200, { intervalMs: 200 });
  });

  it('are each caller’s own, and what watches over the server has none', async () => {
    const [busy, other] = [await newKey(), await newKey()];
    await waitUntil(async () => (await send(busy, '/info')).status === 200);
    await Promise.all(Array.from({ length: 2 * BURST }, () => send(busy, '/assistants/steps')));
    expect((await send(busy, '/assistants/steps')).status).toBe(429);
    expect((await send(other, '/assistants/steps')).status).toBe(200);
    for (const path of ['/ok', '/ready', '/metrics', '/info']) {
      const answers = await Promise.all(Array.from({ length: BURST + 5 }, () => send(busy, path)));
      expect(answers.map(({ status }) => status)).toEqual(Array(BURST + 5).fill(200));
    }
  });

  it('count requests that come to nothing, too', async () => {
    const key = await newKey();
    const statuses: number[] = [];
    for (let i = 0; i < 2 * BURST; i += 1) statuses.push((await send(key, '/runs', { wrong: true })).status);
    expect([statuses[0], statuses.at(-1)]).toEqual([422, 429]);
  });

  it('are an API key’s own where it has them', async () => {
    const [fast, slow] = [await newKey('--rate', '0'), await newKey('--rate', '2')];
    const all = (key: string) =>
      Promise.all(Array.from({ length: 2 * BURST }, () => send(key, '/threads/count', {})));
    expect((await all(fast)).filter(({ status }) => status === 429)).toEqual([]);
    const [refused] = (await all(slow)).filter(({ status }) => status === 429);
    expect(await refused?.json()).toMatchObject({ detail: expect.stringContaining('2 requests per second') });
  });

  it('cost one call to Redis, also those that create runs', async () => {
    const key = await newKey('--rate', '1000', '--quota', '1000');
    await send(key, '/assistants/steps');
    const commands = await commandsDuring(async () => {
      for (let i = 0; i < 5; i += 1) await send(key, '/assistants/steps');
      await send(key, '/runs/wait', RUN);
      await send(key, '/runs/batch', [RUN, RUN]);
      await send(key, '/ok');
    });
    expect(commands).toBe(7);
    const unlimited = await newKey('--rate', '0', '--quota', '0');
    expect(await commandsDuring(async () => void (await send(unlimited, '/runs/wait', RUN)))).toBe(0);
  });
});

describe('a quota of runs', () => {
  it('refuses the next run with everything that it would have written', async () => {
    const key = await newKey();
    for (let i = 0; i < QUOTA; i += 1) expect((await send(key, '/runs/wait', RUN, i % 2)).status).toBe(200);
    const before = await countRows();
    for (const path of ['/runs', '/runs/wait', '/runs/stream', '/runs/batch']) {
      const body = path.endsWith('batch') ? [RUN] : RUN;
      const answer = await send(key, path, body, 1, { 'idempotency-key': path });
      expect([path, answer.status, await answer.json()]).toMatchObject([
        path,
        429,
        { code: 'RUN_QUOTA_EXCEEDED' },
      ]);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(3_000);
    }
    expect(await countRows()).toEqual(before);
    expect((await send(key, '/assistants/steps')).status).toBe(200);
  });

  it('lets a batch through as a whole, or not at all', async () => {
    const key = await newKey();
    expect((await send(key, '/runs/batch', [RUN, RUN])).status).toBe(200);
    expect((await send(key, '/runs/batch', [RUN, RUN])).status).toBe(429);
    expect((await send(key, '/runs', RUN)).headers.get('ratelimit')).toMatch(/"runs";r=0;/);
  });

  it('counts no run that was refused for another reason', async () => {
    const key = await newKey();
    for (let i = 0; i < QUOTA; i += 1)
      expect((await send(key, '/runs', { ...RUN, priority: -1 })).status).toBe(422);
    expect((await send(key, '/runs', RUN)).status).toBe(200);
  });

  it('cuts no stream that is open', async () => {
    const key = await newKey('--rate', '2', '--quota', '1');
    const stream = await send(key, '/runs/stream', { ...RUN, input: { ms: 100 }, stream_mode: 'custom' });
    while ((await send(key, '/assistants/steps')).status !== 429);
    expect((await stream.text()).match(/^event: custom/gm)).toHaveLength(8);
  });
});

describe('while Redis is away', () => {
  it('every api counts by itself, and says so', async () => {
    const key = await newKey('--rate', '1');
    await redis.stop();
    const missing = async () =>
      ((await (await fetch(`${apiUrl(stack)}/ready`)).json()) as { missing: string[] }).missing;
    await waitUntil(async () => (await missing()).includes('limits'), { timeoutMs: 20_000 });
    const statuses = (
      await Promise.all(Array.from({ length: 2 * BURST }, () => send(key, '/assistants/steps')))
    ).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect(statuses.filter((status) => status === 200).length).toBeLessThan(BURST + 5);
    expect((await send(key, '/assistants/steps', undefined, 1)).status).toBe(200);
  });
});
