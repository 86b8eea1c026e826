/**
 * Connections for BullMQ, which brings its own reconnecting: stock ioredis with the options that BullMQ needs.
 */
import { Redis } from 'ioredis';

import { reconnectDelayMs } from './reconnect-backoff.js';
import type { ResolvedRedisSettings } from '../redis-settings.js';

/** `producer` adds jobs and fails fast; `consumer` takes jobs and waits for Redis as long as it takes. */
export type BullmqConnectionKind = 'producer' | 'consumer';

/**
 * An ioredis instance to hand to BullMQ. It connects by itself and again after every loss.
 *
 * A producer's command fails within `operationTimeoutMs`, and at once while there is no connection. ioredis may
 * execute it twice after a lost reply: give every job an id.
 */
export function createBullmqConnection(settings: ResolvedRedisSettings, kind: BullmqConnectionKind): Redis {
  const redis = new Redis(settings.url, {
    connectTimeout: settings.connectTimeoutMs,
    connectionName: `${settings.clientName}:bullmq-${kind}`,
    retryStrategy: (times) => reconnectDelayMs(times),
    noDelay: true,
    keepAlive: 10_000,
    maxLoadingRetryTime: 250,
    // A READONLY reply means that this is no master any more: connect again, and resend what was not executed.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
    ...(kind === 'producer'
      ? { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: settings.operationTimeoutMs }
      : { maxRetriesPerRequest: null }),
  });
  // Losing the connection is normal here and shows in the commands; without a listener it would end the process.
  redis.on('error', () => undefined);
  return redis;
}
