import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestStack } from '@longrun/test-stack';
import { signalProcessTree, startTestRedis, waitUntil, type TestRedis } from '@longrun/testing';
import { apiUrl, clientOf, startStack } from './support.js';

const PROCESSES = ['api-0', 'worker-0', 'sweeper-0'] as const;
/** Seconds until the slowest, the worker, says that Postgres is away, and some more. */
const AWAY = { timeoutMs: 25_000, intervalMs: 100 };

interface LogLine {
  level: string;
  msg: string;
  awaySeconds?: number;
}

describe('degradation', () => {
  let redis: TestRedis;
  let stack: TestStack;
  let urls: Record<(typeof PROCESSES)[number], string>;
  beforeAll(async () => {
    redis = await startTestRedis();
    stack = await startStack({ redisUrl: redis.url, ownPostgres: true, apis: 1, workers: 1 });
    const { workers, sweepers } = stack.info;
    urls = {
      'api-0': apiUrl(stack),
      'worker-0': workers[0]?.url ?? '',
      'sweeper-0': sweepers[0]?.url ?? '',
    };
    await everywhere({ postgres: 1, redis: 1, queue: 1 });
    // The worker may have started before the sweeper.
    await waitUntil(async () => (await gaugesOf('worker-0')).sweeper === 1);
  }, 120_000);
  afterAll(async () => {
    await stack.stop();
    await redis.stop();
  });

  /** The gauges of a process, by capability. */
  const gaugesOf = async (name: (typeof PROCESSES)[number]): Promise<Record<string, number>> => {
    const text = await (await fetch(`${urls[name]}/metrics`)).text();
    const gauges = text.matchAll(/^longrun_capability_available\{.*?capability="(\w+)".*\} ([01])$/gm);
    return Object.fromEntries([...gauges].map(([, capability = '', value]) => [capability, Number(value)]));
  };

  /** Waits until the gauges of all three processes say so. */
  const everywhere = async (expected: Record<string, number>): Promise<void> => {
    for (const name of PROCESSES) {
      const message = `the gauges of ${name} to say ${JSON.stringify(expected)}`;
      await waitUntil(
        async () => {
          const gauges = await gaugesOf(name);
          return Object.entries(expected).every(([capability, value]) => gauges[capability] === value);
        },
        { ...AWAY, message },
      );
    }
  };

  const linesOf = (name: string): LogLine[] =>
    stack
      .log(name)
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine);

  /** What a process has logged since the mark. */
  const newLines = (name: string, seen: ReadonlyMap<string, number>): LogLine[] =>
    linesOf(name).slice(seen.get(name));

  const mark = (): Map<string, number> =>
    new Map(PROCESSES.map((name) => [name, linesOf(name).length] as const));

  /** Waits for the log lines alone: nobody reads gauges meanwhile, which would bring them about. */
  const everybodySays = async (begin: string, seen: ReadonlyMap<string, number>): Promise<void> => {
    for (const name of PROCESSES) {
      const message = `${name} to say: ${begin}`;
      await waitUntil(() => newLines(name, seen).some(({ msg }) => msg.startsWith(begin)), {
        ...AWAY,
        message,
      });
    }
  };

  /** What a process says of itself; the same at both of its addresses. */
  const ready = async (name: (typeof PROCESSES)[number]): Promise<[number, unknown]> => {
    const [one, other] = await Promise.all(
      ['/ready', '/health/ready'].map(async (path) => {
        const response = await fetch(`${urls[name]}${path}`);
        return [response.status, await response.json()] as [number, Record<string, unknown>];
      }),
    );
    if (!one || !other) throw new Error('There is no answer.');
    // Only a reason may count milliseconds.
    expect({ ...other[1], reason: undefined }).toEqual({ ...one[1], reason: undefined });
    expect(other[0]).toBe(one[0]);
    return one;
  };

  const alive = async (): Promise<number[]> =>
    Promise.all(PROCESSES.map(async (name) => (await fetch(`${urls[name]}/health/live`)).status));

  const streaming = async (): Promise<unknown> => {
    const info = (await (await fetch(`${urls['api-0']}/info`)).json()) as { longrun: { streaming: string } };
    return info.longrun.streaming;
  };

  /** A process that goes on without what is missing. */
  const degraded = (...missing: string[]): [number, unknown] => [
    200,
    { ready: true, status: 'degraded', missing, streaming: 'postgres' },
  ];

  /** What a process has said while something was away: the two lines about that, and nothing else. */
  const twoLines = (title: string) => [
    { level: 'warn', msg: expect.stringMatching(new RegExp(`^${title} is away: .`)) },
    { level: 'info', msg: expect.stringMatching(new RegExp(`^${title} is back after [0-9.]+ s$`)) },
  ];

  it('shows in /ready, gauges and one line each way when Redis is killed and comes back', async () => {
    const seen = mark();
    await redis.kill();
    await everybodySays('Redis is away', seen);
    await everywhere({ redis: 0, queue: 0, postgres: 1 });
    expect([await gaugesOf('api-0'), await gaugesOf('worker-0'), await gaugesOf('sweeper-0')]).toEqual([
      { postgres: 1, redis: 0, push: 0, queue: 0 },
      { postgres: 1, redis: 0, push: 0, queue: 0, sweeper: 1 },
      { postgres: 1, redis: 0, queue: 0 },
    ]);
    expect([await ready('api-0'), await ready('worker-0'), await ready('sweeper-0')]).toEqual([
      degraded('redis', 'push', 'queue'),
      degraded('redis', 'push', 'queue'),
      degraded('redis', 'queue'),
    ]);
    expect([await alive(), await streaming()]).toEqual([[200, 200, 200], 'postgres']);
    // Work goes on meanwhile, and nothing of it is a line about Redis.
    const client = clientOf(stack);
    for (let i = 0; i < 3; i += 1) await client.runs.wait(null, 'steps', { input: {} });
    expect((await fetch(`${urls['api-0']}/ok?check_db=1`)).status).toBe(200);

    await redis.restart();
    await everybodySays('Redis is back', seen);
    await everywhere({ redis: 1, queue: 1, postgres: 1 });
    // The connection that listens comes back on its own.
    for (const name of ['api-0', 'worker-0'] as const) {
      await waitUntil(async () => (await gaugesOf(name)).push === 1);
    }
    expect(await streaming()).toBe('redis');
    for (const name of PROCESSES) {
      const lines = newLines(name, seen).filter(({ msg }) => !/^run /.test(msg));
      expect([name, lines]).toEqual([name, twoLines('Redis').map((line) => expect.objectContaining(line))]);
      expect(lines[1]?.awaySeconds).toBeGreaterThan(0);
      expect(await ready(name)).toEqual([
        200,
        { ready: true, status: 'ok', missing: [], streaming: 'redis' },
      ]);
    }
  }, 60_000);

  it('shows in /ok, /ready, gauges and one line each way when Postgres is frozen and thawed', async () => {
    const { pid } = stack.readStack().postgres;
    if (pid === null) throw new Error('The stack did not start Postgres itself.');
    const seen = mark();
    signalProcessTree(pid, 'SIGSTOP');
    // Each is refused; none is a line in the log.
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    const refused = Promise.all(Array.from({ length: 5 }, () => fetch(`${urls['api-0']}/threads`, request)));
    try {
      const askedAt = performance.now();
      const ok = await fetch(`${urls['api-0']}/ok?check_db=1`);
      expect(performance.now() - askedAt).toBeLessThan(10_000);
      expect([ok.status, ok.headers.get('retry-after'), await ok.json()]).toEqual([
        503,
        '2',
        { code: 'POSTGRES_UNAVAILABLE', detail: expect.stringMatching(/^Postgres does not answer/) },
      ]);
      expect((await fetch(`${urls['api-0']}/ok`)).status).toBe(200);
      await everybodySays('Postgres is away', seen);
      await everywhere({ postgres: 0, redis: 1, queue: 1 });
      for (const name of PROCESSES) {
        expect([name, ...(await ready(name))]).toEqual([
          name,
          503,
          {
            ready: false,
            status: 'unavailable',
            reason: expect.any(String),
            missing: ['postgres'],
            streaming: 'redis',
          },
        ]);
      }
      expect(await alive()).toEqual([200, 200, 200]);
      expect((await refused).map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
    } finally {
      signalProcessTree(pid, 'SIGCONT');
    }
    await everybodySays('Postgres is back', seen);
    await everywhere({ postgres: 1, redis: 1, queue: 1 });
    expect((await fetch(`${urls['api-0']}/ok?check_db=1`)).status).toBe(200);
    for (const name of PROCESSES) {
      const expected = twoLines('Postgres').map((line) => expect.objectContaining(line));
      expect([name, newLines(name, seen)]).toEqual([name, expected]);
    }
  }, 90_000);
});
