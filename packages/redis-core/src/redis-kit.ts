/**
 * The kit: the connection roles of one process behind one object, opened and closed together.
 */
import { EventEmitter } from 'node:events';

import type { Redis } from 'ioredis';

import { createBullmqConnection } from './connections/bullmq-connection.js';
import type { BullmqConnectionKind } from './connections/bullmq-connection.js';
import type { CommandChannel } from './connections/command-channel.js';
import { CommandConnection } from './connections/command-connection.js';
import { ExclusivePool } from './connections/exclusive-pool.js';
import { RedisServerError } from './redis-error.js';
import { resolveRedisSettings } from './redis-settings.js';
import type { RedisSettings } from './redis-settings.js';
import { checkServer } from './connections/server-check.js';
import { Subscriber } from './connections/subscriber.js';

interface KitEvents {
  available: [];
  unavailable: [reason: string];
  'listener-error': [error: unknown];
}

/** Everything a process needs of Redis. */
export interface RedisKit {
  /** Commands and scripts, multiplexed, at most once. */
  readonly command: CommandChannel;
  /** Channels. */
  readonly subscriber: Subscriber;
  /** Connections for blocking commands and transactions. */
  readonly exclusive: ExclusivePool;
  /** A new connection for BullMQ; the kit closes it at {@link RedisKit.close} if BullMQ has not. */
  bullmq(kind: BullmqConnectionKind): Redis;
  /** True while commands can be sent. Kept up to date by a background ping, without any traffic of the user's. */
  readonly available: boolean;
  /**
   * `available` and `unavailable` (with the reason) follow the command connection; `listener-error` reports what a
   * subscriber's listener threw. Returns a function that removes the listener.
   */
  on<Name extends keyof KitEvents>(event: Name, listener: (...args: KitEvents[Name]) => void): () => void;
  /**
   * @throws RedisServerError when the server is too old, not a master, or may evict keys; the message has the remedy
   */
  checkServer(): Promise<void>;
  /**
   * Starts connecting, for good; resolves when commands can be sent for the first time.
   *
   * @throws RedisServerError `REDIS_UNREACHABLE` after `connectTimeoutMs`; the kit goes on trying all the same
   */
  connect(): Promise<void>;
  /** Closes everything; what is pending is rejected. No socket, timer or promise is left when it resolves. */
  close(): Promise<void>;
}

/**
 * Makes a kit; nothing is opened before {@link RedisKit.connect}.
 *
 * @throws TypeError when a setting is not valid
 */
export function createRedisKit(options: RedisSettings): RedisKit {
  const settings = resolveRedisSettings(options);
  const emitter = new EventEmitter<KitEvents>();
  emitter.setMaxListeners(0);
  const command = new CommandConnection(settings, {
    onReady: () => emitter.emit('available'),
    onLost: (reason) => emitter.emit('unavailable', reason),
  });
  const subscriber = new Subscriber(settings, (error) => {
    if (emitter.emit('listener-error', error)) return;
    process.emitWarning(error instanceof Error ? error : new Error(String(error)));
  });
  const exclusive = new ExclusivePool(settings);
  const bullmqConnections = new Set<Redis>();
  let closing: Promise<void> | undefined;

  const closeAll = async (): Promise<void> => {
    await Promise.all([
      command.close(),
      subscriber.close(),
      exclusive.close(),
      ...[...bullmqConnections].map(endBullmq),
    ]);
    emitter.removeAllListeners();
  };

  return {
    command,
    subscriber,
    exclusive,
    get available() {
      return command.isReady;
    },
    bullmq(kind) {
      const redis = createBullmqConnection(settings, kind);
      bullmqConnections.add(redis);
      redis.once('end', () => bullmqConnections.delete(redis));
      return redis;
    },
    on(event, listener) {
      // EventEmitter's own types cannot follow a generic event name.
      const untyped = emitter as unknown as EventEmitter;
      untyped.on(event, listener);
      return () => untyped.off(event, listener);
    },
    checkServer: () => checkServer(command, settings.displayUrl),
    async connect() {
      command.start();
      subscriber.start();
      try {
        await command.waitReady(settings.connectTimeoutMs);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new RedisServerError('REDIS_UNREACHABLE', `${reason} Start it, or set REDIS_URL.`, {
          cause: error,
        });
      }
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

async function endBullmq(redis: Redis): Promise<void> {
  if (redis.status === 'end') return;
  const ended = new Promise<void>((resolve) => redis.once('end', resolve));
  redis.disconnect();
  // As in a one-life connection: a frozen peer must not hold up the end.
  (redis.stream as typeof redis.stream | undefined)?.destroy();
  await ended;
}
