/**
 * Settings of the connection to Redis, and what they mean to the kit.
 */
import type { ResilientRedisSettings } from '@longrun/redis-core';
import { Matches } from 'class-validator';
import { BooleanSetting, IntegerSetting, TextSetting } from './setting.js';
import { TelemetryConfig } from './telemetry-config.js';

/** What a process does decides how much of Redis it may use. */
export type RedisRole = 'api' | 'worker' | 'sweeper';

/** Commands in flight, and connections besides one for each of them. A worker writes for many runs at once. */
const SHARES: Record<RedisRole, { permits: number; overhead: number }> = {
  api: { permits: 40, overhead: 10 },
  worker: { permits: 100, overhead: 50 },
  sweeper: { permits: 40, overhead: 10 },
};

export class RedisConfig extends TelemetryConfig {
  @TextSetting({
    description:
      'Redis, the fast path: one server (?socket=/run/redis/redis.sock for a Unix socket), Sentinel (redis-sentinel://host:26379,host:26379/0?master=name) or Cluster (redis-cluster://host:7000,host:7001); TLS with rediss. Not needed with STREAMING_BACKEND=memory.',
    example: 'redis://localhost:6379',
  })
  @Matches(/^rediss?(-sentinel|-cluster)?:\/\//, {
    message: 'REDIS_URL must be a URL that starts with redis://, redis-sentinel:// or redis-cluster://',
  })
  REDIS_URL?: string;

  @TextSetting({
    description:
      'Put before every key, so that several systems can share a server. Channels need none: their names carry unique ids.',
  })
  REDIS_KEY_PREFIX: string = '';

  @IntegerSetting({ description: 'Longest wait for an answer of Redis, milliseconds.', min: 10, max: 60_000 })
  REDIS_OP_TIMEOUT_MS: number = 2_000;

  @IntegerSetting({
    description: 'Longest wait for a connection to Redis with its handshake, milliseconds.',
    min: 10,
    max: 60_000,
  })
  REDIS_CONNECT_TIMEOUT_MS: number = 2_000;

  @IntegerSetting({
    description: 'Operations in flight per process at most. Default: 100 in a worker, else 40.',
    min: 1,
    optional: true,
  })
  REDIS_MAX_CONCURRENT_OPS?: number;

  @IntegerSetting({
    description:
      'Connections to Redis per process at most. Default: REDIS_MAX_CONCURRENT_OPS and 50 more in a worker, else 10 more. Usually about five are open.',
    min: 8,
    optional: true,
  })
  REDIS_MAX_CONNECTIONS?: number;

  @IntegerSetting({ description: 'Operations that may wait for their turn; the next is refused.', min: 1 })
  REDIS_MAX_WAITING_OPS: number = 131_072;

  @IntegerSetting({
    description: 'How often the state of the server is looked at for metrics, seconds; 0 for never.',
    min: 0,
  })
  REDIS_HEALTH_CHECK_INTERVAL: number = 30;

  @IntegerSetting({
    description: 'Share of failed calls within 10 s at which the circuit opens, percent.',
    min: 1,
    max: 100,
  })
  REDIS_BREAKER_THRESHOLD_PERCENT: number = 50;

  @IntegerSetting({
    description:
      'How long an open circuit waits before it tries again, milliseconds; it doubles up to 20 times that.',
    min: 1,
    max: 60_000,
  })
  REDIS_BREAKER_RESET_MS: number = 500;

  @IntegerSetting({ description: 'Tries of a command that may be repeated.', min: 1, max: 20 })
  REDIS_ATTEMPTS: number = 3;

  @IntegerSetting({ description: 'Tries of a critical operation.', min: 1, max: 20 })
  REDIS_CRITICAL_ATTEMPTS: number = 3;

  @IntegerSetting({
    description: 'Longest pause before the second try of a command, milliseconds; it doubles with every try.',
    min: 0,
  })
  REDIS_RETRY_BASE_MS: number = 20;

  @IntegerSetting({ description: 'Longest pause between two tries of a command, milliseconds.', min: 0 })
  REDIS_RETRY_CAP_MS: number = 1_000;

  @IntegerSetting({ description: 'As REDIS_RETRY_BASE_MS, for work deferred until Redis is back.', min: 0 })
  REDIS_DEFERRED_BASE_MS: number = 500;

  @IntegerSetting({ description: 'As REDIS_RETRY_CAP_MS, for work deferred until Redis is back.', min: 0 })
  REDIS_DEFERRED_CAP_MS: number = 30_000;

  @IntegerSetting({ description: 'Commands of a pipeline that are sent together.', min: 1, max: 1_000 })
  REDIS_BATCH_SIZE: number = 64;

  @BooleanSetting({ description: 'Send what is written in one turn of the event loop as one packet.' })
  REDIS_WRITE_COALESCING: boolean = true;

  @BooleanSetting({ description: 'Make an OpenTelemetry span of every Redis operation.' })
  REDIS_TRACING: boolean = false;
}

/** An open circuit waits this many times its first pause at most. */
const MAX_RESET_FACTOR = 20;

/** The settings of the kit for a process of the given role. Its connections are named `longrun-<role>` on the server. */
export function redisSettings(config: RedisConfig, role: RedisRole): ResilientRedisSettings {
  const share = SHARES[role];
  const permits = config.REDIS_MAX_CONCURRENT_OPS ?? share.permits;
  return {
    url: config.REDIS_URL ?? '',
    keyPrefix: config.REDIS_KEY_PREFIX,
    clientName: `longrun-${role}`,
    operationTimeoutMs: config.REDIS_OP_TIMEOUT_MS,
    connectTimeoutMs: config.REDIS_CONNECT_TIMEOUT_MS,
    maxConcurrentOps: permits,
    maxConnections: config.REDIS_MAX_CONNECTIONS ?? permits + share.overhead,
    maxWaitingOps: config.REDIS_MAX_WAITING_OPS,
    healthCheckIntervalMs: config.REDIS_HEALTH_CHECK_INTERVAL * 1_000,
    breaker: {
      failureRate: config.REDIS_BREAKER_THRESHOLD_PERCENT / 100,
      openMs: config.REDIS_BREAKER_RESET_MS,
      maxOpenMs: config.REDIS_BREAKER_RESET_MS * MAX_RESET_FACTOR,
    },
    attempts: config.REDIS_ATTEMPTS,
    criticalAttempts: config.REDIS_CRITICAL_ATTEMPTS,
    retryBaseDelayMs: config.REDIS_RETRY_BASE_MS,
    retryMaxDelayMs: config.REDIS_RETRY_CAP_MS,
    deferredBaseDelayMs: config.REDIS_DEFERRED_BASE_MS,
    deferredMaxDelayMs: config.REDIS_DEFERRED_CAP_MS,
    batchSize: config.REDIS_BATCH_SIZE,
    writeCoalescing: config.REDIS_WRITE_COALESCING,
    tracing: config.REDIS_TRACING,
  };
}
