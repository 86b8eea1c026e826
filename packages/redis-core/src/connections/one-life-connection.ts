/**
 * One connection with one life. ioredis is configured so that it never connects again, keeps no offline queue and
 * resends nothing: when the socket goes, everything in flight is rejected, once, and nothing is executed twice.
 */
import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';

import type { ResolvedRedisSettings } from '../redis-settings.js';
import { coalesceWrites } from './write-coalescing.js';

/** What a connection is for; part of its name on the server. */
export type ConnectionRole = 'command' | 'subscriber' | 'exclusive';

/** A live or dying connection. */
export interface OneLifeConnection {
  readonly redis: Redis;
  /** True while a command handed over now would be written to the socket. */
  isWritable(): boolean;
  /** Resolves with the reason when the connection is over. Never rejects. */
  readonly ended: Promise<string>;
  /** Cuts the connection now; whatever is in flight is rejected. Safe to call twice. */
  destroy(reason: string): void;
}

/**
 * Opens a connection.
 *
 * @returns the connection, ready for commands
 * @throws Error when it was not ready within `connectTimeoutMs`, or was refused; the message says why
 */
export async function openConnection(
  settings: ResolvedRedisSettings,
  role: ConnectionRole,
  signal?: AbortSignal,
): Promise<OneLifeConnection> {
  signal?.throwIfAborted();
  const connection = createConnection(settings, role);
  const timer = setTimeout(() => {
    connection.destroy(`no handshake within ${String(settings.connectTimeoutMs)} ms`);
  }, settings.connectTimeoutMs);
  const abort = (): void => {
    connection.destroy('closed');
  };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const opened = connection.redis.connect().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const failure = await Promise.race([opened, connection.ended]);
    if (failure === undefined && connection.isWritable()) return connection;
    connection.destroy(failure ?? 'closed by the server');
    // The reason of the end says more than ioredis's "Connection is closed".
    throw new Error(await connection.ended);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function createConnection(settings: ResolvedRedisSettings, role: ConnectionRole): OneLifeConnection {
  const redis = new Redis(settings.url, connectionOptions(settings, role));
  let reason: string | undefined;
  let finish: (why: string) => void;
  const ended = new Promise<string>((resolve) => {
    finish = resolve;
  });
  redis.on('error', (error: Error) => {
    reason ??= error.message === '' ? String((error as NodeJS.ErrnoException).code) : error.message;
  });
  if (settings.writeCoalescing && role === 'command') {
    redis.on('connect', () => {
      coalesceWrites(redis.stream);
    });
  }
  redis.on('end', () => {
    finish(reason ?? 'closed by the server');
  });
  return {
    redis,
    ended,
    isWritable: () => redis.status === 'ready' && redis.stream.writable,
    destroy: (why) => {
      reason ??= why;
      if (redis.status === 'end') return;
      redis.disconnect();
      // disconnect() only says goodbye; a frozen peer would keep the socket, and what is in flight, for 2 s more.
      (redis.stream as typeof redis.stream | undefined)?.destroy();
    },
  };
}

function connectionOptions(settings: ResolvedRedisSettings, role: ConnectionRole) {
  return {
    lazyConnect: true,
    retryStrategy: () => null,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: settings.connectTimeoutMs,
    // An exclusive connection may wait in a blocking command; the pool bounds its use instead.
    ...(role === 'exclusive' ? {} : { socketTimeout: settings.operationTimeoutMs }),
    // How long ioredis pauses while the server loads its data: this timer outlives the connection.
    maxLoadingRetryTime: 250,
    noDelay: true,
    keepAlive: 10_000,
    connectionName: `${settings.clientName}:${role}`,
    ...(settings.keyPrefix === '' || role === 'subscriber' ? {} : { keyPrefix: settings.keyPrefix }),
  } satisfies RedisOptions;
}
