/**
 * The circuit around a real server: what opens it, what does not, and that it closes without any traffic of the user.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTcpProxy, startTestRedis, waitUntil } from '@longrun/testing';
import type { TcpProxy, TestRedis } from '@longrun/testing';

import { CircuitOpenError, ResilientRedisClient } from '../src/index.js';
import type { BreakerState } from '../src/index.js';

const LIMIT_MS = 200;
let server: TestRedis;
let proxy: TcpProxy;
let redis: ResilientRedisClient;

beforeEach(async () => {
  server = await startTestRedis();
  proxy = await startTcpProxy({ port: server.port });
  redis = new ResilientRedisClient({
    url: proxy.urlFor(server.url),
    operationTimeoutMs: LIMIT_MS,
    connectTimeoutMs: LIMIT_MS,
  });
  await redis.init();
});

afterEach(async () => {
  await redis.close();
  await proxy.close();
  await server.stop();
});

describe('the circuit', () => {
  it('stays closed however often callers ask for nonsense', async () => {
    await redis.set('text', 'x');
    for (let i = 0; i < 200; i += 1) await redis.hget('text', 'field').catch(() => undefined);
    for (let i = 0; i < 50; i += 1)
      await redis.get('x', { signal: AbortSignal.abort() }).catch(() => undefined);
    expect(redis.breaker.state).toEqual({ kind: 'closed' });
  });

  it('stays closed when one connection is lost with hundreds of commands in flight', async () => {
    const operations = Array.from({ length: 300 }, () => redis.incr('n').catch(() => undefined));
    proxy.resetAll();
    await Promise.all(operations);
    expect(redis.breaker.state).toEqual({ kind: 'closed' });
  });

  it('opens when the server stays away, refuses at once, and closes by itself when the server is back', async () => {
    const states: BreakerState['kind'][] = [];
    redis.breaker.on('state', ({ kind }) => states.push(kind));
    proxy.setRefusing(true);
    proxy.resetAll();
    await waitUntil(() => redis.breaker.state.kind === 'open');

    const startedAt = performance.now();
    const failure: unknown = await redis.get('a').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CircuitOpenError);
    expect((failure as CircuitOpenError).retryAfterMs).toBeGreaterThan(0);
    expect((failure as CircuitOpenError).outcome).toBe('not-executed');
    expect(performance.now() - startedAt).toBeLessThan(LIMIT_MS / 2);

    // No operation of ours from here until it is closed.
    proxy.setRefusing(false);
    await waitUntil(() => redis.available, { timeoutMs: 2_000 });
    expect(states.at(0)).toBe('open');
    expect(states.at(-1)).toBe('closed');
    expect(await redis.ping()).toBe('PONG');
  });

  it('opens on a server that accepts connections and does not answer, and closes after it has thawed', async () => {
    server.signal('SIGSTOP');
    const failures = await Promise.allSettled(Array.from({ length: 60 }, () => redis.get('a')));
    expect(failures.every(({ status }) => status === 'rejected')).toBe(true);
    await waitUntil(() => redis.breaker.state.kind === 'open');
    server.signal('SIGCONT');
    await waitUntil(() => redis.available, { timeoutMs: 2_000 });
    expect(await redis.ping()).toBe('PONG');
  });

  it('is opened and closed by hand', async () => {
    redis.breaker.isolate('maintenance');
    await expect(redis.get('a')).rejects.toMatchObject({ code: 'CIRCUIT_ISOLATED', reason: 'maintenance' });
    expect(redis.connectionInfo().breaker).toEqual({ kind: 'isolated', reason: 'maintenance' });
    await expect(redis.get('a', { priority: 'critical' })).rejects.toMatchObject({
      code: 'CIRCUIT_ISOLATED',
    });
    redis.breaker.reset();
    expect(await redis.get('a')).toBeNull();
  });
});
