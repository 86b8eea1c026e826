/**
 * Connections for BullMQ, which brings its own reconnecting: stock ioredis with the options that BullMQ needs.
 */
import { Cluster, Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';

import type { ConnectionStats } from './connection-stats.js';
import { accessOptions, databaseOf, nodeOptions } from './endpoint-options.js';
import { reconnectDelayMs } from './reconnect-backoff.js';
import type { ResolvedRedisSettings } from '../redis-settings.js';

/** `producer` adds jobs and fails fast; `consumer` takes jobs and waits for Redis as long as it takes. */
export type BullmqConnectionKind = 'producer' | 'consumer';

/**
 * An ioredis instance to hand to BullMQ. It connects by itself and again after every loss.
 *
 * A producer's command fails within `operationTimeoutMs`, and at once while there is no connection. ioredis may
 * execute it twice after a lost reply: give every job an id. In a cluster all keys of a queue must be in one slot: the
 * prefix of the queue needs a hash tag, as in `{jobs}`.
 */
export function createBullmqConnection(
  settings: ResolvedRedisSettings,
  kind: BullmqConnectionKind,
  stats: ConnectionStats,
): Redis | Cluster {
  const redis = create(settings, kind);
  // Losing the connection is normal here and shows in the commands; without a listener it would end the process.
  redis.on('error', () => undefined);
  count(redis, `bullmq-${kind}`, stats);
  return redis;
}

/** Connections to one server that come of one {@link createBullmqConnection}, at most. */
export function bullmqConnectionCount(settings: ResolvedRedisSettings, kind: BullmqConnectionKind): number {
  // A worker duplicates its connection for its blocking command; a Cluster has one more that listens to changes.
  return (kind === 'producer' ? 1 : 2) * (settings.address.kind === 'cluster' ? 2 : 1);
}

/** Ends a connection for good; resolves when its sockets are closed. */
export async function endBullmqConnection(redis: Redis | Cluster): Promise<void> {
  if (redis.status === 'end') return;
  if (redis.status === 'reconnecting') {
    // There is nothing to close but a timer, and no event will say that this is the end.
    redis.disconnect();
    return;
  }
  const ended = new Promise<void>((resolve) => redis.once('end', resolve));
  const servers = 'nodes' in redis ? redis.nodes() : [redis];
  redis.disconnect();
  for (const server of servers) {
    // As in a one-life connection: a frozen peer must not hold up the end.
    (server.stream as typeof server.stream | undefined)?.destroy();
  }
  await ended;
}

function create(settings: ResolvedRedisSettings, kind: BullmqConnectionKind): Redis | Cluster {
  const { address, operationTimeoutMs } = settings;
  const isProducer = kind === 'producer';
  const options = {
    connectTimeout: settings.connectTimeoutMs,
    connectionName: `${settings.clientName}:bullmq-${kind}`,
    noDelay: true,
    keepAlive: 10_000,
    maxLoadingRetryTime: 250,
    // ioredis starts this timer also when there is no socket any more that could end it early.
    disconnectTimeout: 0,
    ...(isProducer
      ? { maxRetriesPerRequest: 1, commandTimeout: operationTimeoutMs }
      : { maxRetriesPerRequest: null }),
  } satisfies RedisOptions;
  const alone = {
    retryStrategy: (times: number) => reconnectDelayMs(times),
    enableOfflineQueue: !isProducer,
    // A READONLY reply means that this is no master any more: connect again, and resend what was not executed.
    reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? 2 : false),
  } satisfies RedisOptions;
  switch (address.kind) {
    case 'single':
      return new Redis({ ...options, ...alone, ...nodeOptions(settings, address.node) });
    case 'sentinel':
      return new Redis({
        ...options,
        ...alone,
        ...accessOptions(settings),
        db: databaseOf(address),
        name: address.master,
        sentinels: address.sentinels.map(({ host, port }) => ({ host, port })),
        sentinelRetryStrategy: (times) => reconnectDelayMs(times),
        sentinelCommandTimeout: settings.connectTimeoutMs,
        ...(address.sentinelUsername === undefined ? {} : { sentinelUsername: address.sentinelUsername }),
        ...(address.sentinelPassword === undefined ? {} : { sentinelPassword: address.sentinelPassword }),
        ...(address.tls ? { enableTLSForSentinelMode: true, sentinelTLS: settings.tls } : {}),
      });
    case 'cluster':
      return new Cluster(
        address.seeds.map(({ host, port }) => ({ host, port })),
        {
          redisOptions: { ...options, ...accessOptions(settings) },
          clusterRetryStrategy: (times) => reconnectDelayMs(times),
          enableOfflineQueue: !isProducer,
          // Names in certificates are those that were asked for.
          ...(address.tls ? { dnsLookup: (name, done) => done(null, name) } : {}),
        },
      );
  }
}

function count(redis: Redis | Cluster, role: `bullmq-${BullmqConnectionKind}`, stats: ConnectionStats): void {
  let isOpen = false;
  redis.on('connecting', () => {
    stats.attempted(role);
  });
  redis.on('ready', () => {
    isOpen = true;
    stats.opened(role);
  });
  // Which of the two follows a loss tells whose doing it was.
  for (const event of ['reconnecting', 'end'] as const) {
    redis.on(event, () => {
      if (isOpen) stats.ended(role, event === 'end');
      isOpen = false;
    });
  }
}
