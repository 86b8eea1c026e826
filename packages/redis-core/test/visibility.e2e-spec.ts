/**
 * What an operator sees: Prometheus metrics and OpenTelemetry spans of a client at work.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestRedis } from '@longrun/testing';
import type { TestRedis } from '@longrun/testing';
import { trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { Registry } from 'prom-client';

import { ResilientRedisClient } from '../src/index.js';
import { registerRedisMetrics } from '../src/metrics/prometheus.js';

let server: TestRedis;
let redis: ResilientRedisClient;

beforeEach(async () => {
  server = await startTestRedis();
});

afterEach(async () => {
  await redis.close();
  await server.stop();
  trace.disable();
});

describe('the metrics', () => {
  it('tell what was done, how long it took, and what failed', async () => {
    redis = new ResilientRedisClient({ url: server.url });
    await redis.init();
    const registry = new Registry();
    registerRedisMetrics(redis, registry, { prefix: 'app_redis_' });
    await redis.set('a', '1');
    await redis.get('a');
    await redis.hget('a', 'x').catch(() => undefined);

    const text = await registry.metrics();
    const value = (series: string): number => {
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
      if (line === undefined) throw new Error(`no ${series} in\n${text}`);
      return Number(line.slice(series.length + 1));
    };
    expect(value('app_redis_available')).toBe(1);
    expect(value('app_redis_permits')).toBe(40);
    expect(value('app_redis_in_flight')).toBe(0);
    expect(value('app_redis_breaker_state{state="closed"}')).toBe(1);
    expect(value('app_redis_breaker_state{state="open"}')).toBe(0);
    expect(value('app_redis_operations_failed_total{outcome="definitive"}')).toBe(1);
    expect(value('app_redis_command_seconds_count')).toBe(2);
    expect(value('app_redis_command_seconds_bucket{le="+Inf"}')).toBe(2);
    expect(value('app_redis_connections_created_total')).toBeGreaterThanOrEqual(2);
    // A second look shows totals, not sums of looks.
    expect(await registry.metrics()).toContain('app_redis_operations_failed_total{outcome="definitive"} 1');
  });
});

describe('the spans', () => {
  it('name the operation and its failure, and hold neither keys nor values', async () => {
    const exporter = new InMemorySpanExporter();
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
    );
    redis = new ResilientRedisClient({ url: server.url, tracing: true });
    await redis.init();
    exporter.reset();
    await redis.set('secret-key', 'secret-value');
    await redis.hget('secret-key', 'field').catch(() => undefined);

    const spans = exporter.getFinishedSpans();
    expect(spans.map(({ name }) => name)).toEqual(['SET', 'HGET']);
    expect(spans[0]?.attributes).toMatchObject({ 'db.system.name': 'redis', 'db.operation.name': 'SET' });
    expect(spans[1]?.attributes).toMatchObject({
      'error.type': 'WRONGTYPE',
      'longrun.redis.outcome': 'definitive',
    });
    expect(JSON.stringify(spans.map(({ attributes }) => attributes))).not.toContain('secret');
  });

  it('are not made unless the switch is on', async () => {
    const exporter = new InMemorySpanExporter();
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
    );
    redis = new ResilientRedisClient({ url: server.url });
    await redis.init();
    await redis.ping();
    expect(exporter.getFinishedSpans()).toEqual([]);
  });
});
