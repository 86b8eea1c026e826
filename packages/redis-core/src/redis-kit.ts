/**
 * The kit: the connection roles of one process behind one object, opened and closed together.
 */
import { EventEmitter } from 'node:events';

import type { Cluster, Redis } from 'ioredis';

import {
  bullmqConnectionCount,
  createBullmqConnection,
  endBullmqConnection,
} from './connections/bullmq-connection.js';
import type { BullmqConnectionKind } from './connections/bullmq-connection.js';
import { ClusterCommands } from './connections/cluster-commands.js';
import { ClusterTopology } from './connections/cluster-topology.js';
import type { CommandChannel } from './connections/command-channel.js';
import { CommandConnection } from './connections/command-connection.js';
import { ConnectionBudget } from './connections/connection-budget.js';
import type { ConnectionStats } from './connections/connection-stats.js';
import { Dialer } from './connections/dialer.js';
import { ExclusivePool } from './connections/exclusive-pool.js';
import { nodeName } from './connections/redis-address.js';
import { checkServer } from './connections/server-check.js';
import type { ServerReport } from './connections/server-check.js';
import { Subscriber } from './connections/subscriber.js';
import { RedisServerError } from './redis-error.js';
import { resolveRedisSettings } from './redis-settings.js';
import type { RedisSettings, ResolvedRedisSettings } from './redis-settings.js';

interface KitEvents {
  available: [];
  unavailable: [reason: string];
  'connect-failed': [reason: string];
  'listener-error': [error: unknown];
}

/** Everything a process needs of Redis. */
export interface RedisKit {
  /** The settings, with nothing left open. */
  readonly settings: ResolvedRedisSettings;
  /**
   * Commands and scripts, multiplexed, at most once. In a cluster each goes to the master that has its keys, which must
   * be of one slot; one without keys goes to any master, and it is ready while all masters can be reached.
   */
  readonly command: CommandChannel;
  /** A channel to every master of a cluster, for what concerns them all, like SCAN; else just {@link command}. */
  masters(): readonly CommandChannel[];
  /** Channels. */
  readonly subscriber: Subscriber;
  /** Connections for blocking commands and transactions. */
  readonly exclusive: ExclusivePool;
  /** Counts of connections, live. */
  readonly stats: ConnectionStats;
  /** The command that the listeners of {@link subscriber} hear: sharded channels in a cluster. */
  readonly publishCommand: 'PUBLISH' | 'SPUBLISH';
  /**
   * A new connection for BullMQ; the kit closes it at {@link RedisKit.close} if BullMQ has not. In a cluster the queue
   * needs a prefix with a hash tag, as in `{jobs}`.
   */
  bullmq(kind: BullmqConnectionKind): Redis | Cluster;
  /** True while commands can be sent. Kept up to date by a background ping, without any traffic of the user's. */
  readonly available: boolean;
  /**
   * `available` and `unavailable` (with the reason) follow the command connection, and `connect-failed` (with the
   * reason) tells of every attempt to open it that failed: in a cluster only while no master can be reached, since the
   * others serve. `listener-error` reports what a subscriber's listener threw. Returns a function that removes the
   * listener.
   */
  on<Name extends keyof KitEvents>(event: Name, listener: (...args: KitEvents[Name]) => void): () => void;
  /**
   * @returns what could not be checked
   * @throws RedisServerError when the server is too old, not a master, may evict keys, or allows too few clients; the
   *   message has the remedy
   */
  checkServer(): Promise<ServerReport>;
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
  const dialer = new Dialer(settings);
  const budget = new ConnectionBudget(settings.maxConnections);
  const events = {
    onReady: () => emitter.emit('available'),
    onLost: (reason: string) => emitter.emit('unavailable', reason),
    onConnectFailed: (reason: string) => emitter.emit('connect-failed', reason),
  };
  const topology = settings.address.kind === 'cluster' ? new ClusterTopology(dialer) : undefined;
  const cluster = topology === undefined ? undefined : new ClusterCommands(dialer, topology, events);
  const command = cluster ?? new CommandConnection(dialer, events);
  budget.claim(1);
  const onListenerError = (error: unknown): void => {
    if (emitter.emit('listener-error', error)) return;
    process.emitWarning(error instanceof Error ? error : new Error(String(error)));
  };
  const subscriber = new Subscriber(dialer, onListenerError, topology);
  budget.claim(1);
  const exclusive = new ExclusivePool(dialer, budget, cluster);
  const bullmqConnections = new Set<Redis | Cluster>();
  let closing: Promise<void> | undefined;

  const closeAll = async (): Promise<void> => {
    await Promise.all([
      command.close(),
      subscriber.close(),
      exclusive.close(),
      ...[...bullmqConnections].map(endBullmqConnection),
    ]);
    emitter.removeAllListeners();
  };

  return {
    settings,
    command,
    masters: () => cluster?.masters.map(({ channel }) => channel) ?? [command],
    subscriber,
    exclusive,
    stats: dialer.stats,
    publishCommand: cluster === undefined ? 'PUBLISH' : 'SPUBLISH',
    get available() {
      return command.isReady;
    },
    bullmq(kind) {
      const redis = createBullmqConnection(settings, kind, dialer.stats);
      const giveBack = budget.claim(bullmqConnectionCount(settings, kind));
      bullmqConnections.add(redis);
      redis.once('end', () => {
        bullmqConnections.delete(redis);
        giveBack();
      });
      return redis;
    },
    on(event, listener) {
      // EventEmitter's own types cannot follow a generic event name.
      const untyped = emitter as unknown as EventEmitter;
      untyped.on(event, listener);
      return () => untyped.off(event, listener);
    },
    async checkServer() {
      const masters = cluster?.masters ?? [];
      // One of the connections to a master is certainly open; of the others it is not known where they lead to.
      const servers = masters.map(({ node, channel }) => ({
        channel,
        name: nodeName(node),
        openConnections: 1,
      }));
      const single = { channel: command, name: settings.displayUrl, openConnections: dialer.stats.open };
      const warnings: string[] = [];
      for (const server of servers.length > 0 ? servers : [single]) {
        await server.channel.waitReady(settings.connectTimeoutMs).catch(() => undefined);
        warnings.push(...(await checkServer(server, settings)).warnings);
      }
      return { warnings };
    },
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
