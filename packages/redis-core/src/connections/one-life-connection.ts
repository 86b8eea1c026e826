/**
 * One connection with one life. ioredis is configured so that it never connects again, keeps no offline queue and
 * resends nothing: when the socket goes, everything in flight is rejected, once, and nothing is executed twice.
 */
import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';

import type { ServerOptions } from './endpoint-options.js';
import { SocketConnector } from './socket-connector.js';
import { coalesceWrites } from './write-coalescing.js';

/** A live or dying connection. */
export interface OneLifeConnection {
  readonly redis: Redis;
  /** True while a command handed over now would be written to the socket. */
  isWritable(): boolean;
  /** Resolves with the reason when the connection is over. Never rejects. */
  readonly ended: Promise<string>;
  /** True when {@link destroy} was what ended it. */
  readonly endedByUs: boolean;
  /** Cuts the connection now; whatever is in flight is rejected. Safe to call twice. */
  destroy(reason: string): void;
}

/** Begins an error in Redis's protocol. */
const MINUS = 0x2d;

/** Options of every life, whatever it is for. */
const ONE_LIFE = {
  Connector: SocketConnector,
  lazyConnect: true,
  retryStrategy: () => null,
  enableOfflineQueue: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  // Whoever opens a connection bounds the time of the whole.
  connectTimeout: 0,
  // How long ioredis pauses while the server loads its data: this timer outlives the connection.
  maxLoadingRetryTime: 250,
  noDelay: true,
  keepAlive: 10_000,
} satisfies RedisOptions;

/**
 * Opens a connection.
 *
 * @param options where to, as whom and under which name
 * @param signal gives up; nothing else bounds the time
 * @param coalesce collect the writes of one turn of the event loop
 * @returns the connection, ready for commands
 * @throws Error when it was refused, or the signal was faster; the message says why
 */
export async function openOneLife(
  options: ServerOptions,
  signal: AbortSignal,
  coalesce: boolean,
): Promise<OneLifeConnection> {
  signal.throwIfAborted();
  const connection = createConnection(options, coalesce);
  const abort = (): void => {
    connection.destroy('closed');
  };
  signal.addEventListener('abort', abort, { once: true });
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
    signal.removeEventListener('abort', abort);
  }
}

function createConnection(options: ServerOptions, coalesce: boolean): OneLifeConnection {
  const redis = new Redis({ ...ONE_LIFE, ...options });
  let reason: string | undefined;
  let refusal: string | undefined;
  let endedByUs = false;
  let finish: (why: string) => void;
  const ended = new Promise<string>((resolve) => {
    finish = resolve;
  });
  redis.on('error', (error: Error) => {
    reason ??= error.message === '' ? String((error as NodeJS.ErrnoException).code) : error.message;
  });
  if (coalesce) {
    redis.on('connect', () => {
      coalesceWrites(redis.stream);
    });
  }
  // A server that is full says so and hangs up, and ioredis mostly sees the second only.
  redis.once('connect', () => {
    redis.stream.once('data', (data: Buffer) => {
      if (data[0] === MINUS) refusal = /^-(.*)/.exec(data.toString())?.[1];
    });
  });
  redis.once('ready', () => {
    refusal = undefined;
  });
  redis.on('end', () => {
    finish((endedByUs ? undefined : refusal) ?? reason ?? 'closed by the server');
  });
  return {
    redis,
    ended,
    get endedByUs() {
      return endedByUs;
    },
    isWritable: () => redis.status === 'ready' && redis.stream.writable,
    destroy: (why) => {
      if (reason === undefined) {
        reason = why;
        endedByUs = true;
      }
      if (redis.status !== 'end') redis.disconnect();
    },
  };
}
