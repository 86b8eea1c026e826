/**
 * The settings of a kit and their defaults. Changes when the kit gets a knob.
 */
import type { ConnectionOptions } from 'node:tls';

import { displayUrl, parseRedisUrl } from './connections/redis-address.js';
import type { RedisAddress } from './connections/redis-address.js';

/** What {@link createRedisKit} needs to know. Times are in milliseconds. */
export interface RedisSettings {
  /**
   * `redis://[user:password@]host[:port][/db]` for one server, `redis-sentinel://host,host[/db]?master=name` for one
   * that Sentinels watch, `redis-cluster://host,host` for a cluster, which has database 0 only; `rediss…` for TLS.
   */
  readonly url: string;
  /** Certificates and the like, for a `rediss` URL: given to `tls.connect`. Default: those of Node. */
  readonly tls?: ConnectionOptions;
  /** Put before every key of the command and exclusive connections. Channels and BullMQ's keys do not get it. */
  readonly keyPrefix?: string;
  /** Time for TCP, TLS and the handshake of one connection together. Default 2,000. */
  readonly connectTimeoutMs: number;
  /** Time after which a command has failed, whatever the server does. Default 2,000. */
  readonly operationTimeoutMs: number;
  /** Commands that the layer above lets be in flight at once; here it only sizes the connections. Default 40. */
  readonly maxConcurrentOps?: number;
  /** Connections besides one for every such command. Default 10 up to 50 commands, else 50. */
  readonly connectionOverhead?: number;
  /**
   * Connections this process may open to one server, whatever for. Default: `maxConcurrentOps + connectionOverhead`.
   * The exclusive pool may use what the other roles leave. At least 3: commands, channels, one exclusive.
   */
  readonly maxConnections?: number;
  /** Shown by `CLIENT LIST`, with the role behind it. No blanks. Default `longrun`. */
  readonly clientName?: string;
  /** Collect the writes of one turn of the event loop into one packet. Default true. */
  readonly writeCoalescing?: boolean;
}

/** {@link RedisSettings} with nothing left open. */
export interface ResolvedRedisSettings {
  readonly address: RedisAddress;
  /** The URL without its passwords, for messages. */
  readonly displayUrl: string;
  readonly tls: ConnectionOptions;
  readonly keyPrefix: string;
  readonly connectTimeoutMs: number;
  readonly operationTimeoutMs: number;
  readonly maxConcurrentOps: number;
  readonly maxConnections: number;
  readonly clientName: string;
  readonly writeCoalescing: boolean;
}

/** How often the command connection is pinged; a frozen server is noticed this long plus one operation timeout later. */
export const COMMAND_PING_INTERVAL_MS = 1_000;
/** How often the subscriber is pinged. */
export const SUBSCRIBER_PING_INTERVAL_MS = 5_000;
/** In a cluster a subscriber's connection to a server that has had no channels for this long is closed. */
export const SUBSCRIBER_IDLE_MS = 10_000;
/** An exclusive connection that nobody borrowed for this long is closed. */
export const EXCLUSIVE_IDLE_MS = 10_000;
/** An exclusive connection that was idle for longer is pinged before it is lent: its peer may be gone. */
export const EXCLUSIVE_TRUST_MS = 1_000;
/** An exclusive connection that has not answered such a ping in this time is dead; at most half an operation timeout. */
export const EXCLUSIVE_PING_MS = 500;
/** Callers that may wait for an exclusive connection; the next one is refused at once. */
export const EXCLUSIVE_MAX_WAITING = 1_000;
/** Longest use of an exclusive connection when its user names no other limit. */
export const EXCLUSIVE_USE_LIMIT_MS = 30_000;

const DEFAULT_CONCURRENT_OPS = 40;
/** Up to so many commands in flight the small overhead will do. */
const SMALL_PROCESS_OPS = 50;
/** Commands, channels, and an exclusive one. */
const MINIMUM_CONNECTIONS = 3;

/**
 * Fills in the defaults.
 *
 * @throws TypeError when the URL is not a Redis URL or a number is out of range; the message names the field
 */
export function resolveRedisSettings(settings: RedisSettings): ResolvedRedisSettings {
  const address = parseRedisUrl(settings.url);
  const { connectTimeoutMs, operationTimeoutMs, keyPrefix = '', clientName = 'longrun' } = settings;
  checkNumbers({ connectTimeoutMs, operationTimeoutMs }, Number.isFinite, Number.MIN_VALUE);
  const maxConcurrentOps = settings.maxConcurrentOps ?? DEFAULT_CONCURRENT_OPS;
  checkNumbers({ maxConcurrentOps }, Number.isInteger, 1);
  const connectionOverhead = settings.connectionOverhead ?? (maxConcurrentOps <= SMALL_PROCESS_OPS ? 10 : 50);
  checkNumbers({ connectionOverhead }, Number.isInteger, 0);
  const maxConnections = settings.maxConnections ?? maxConcurrentOps + connectionOverhead;
  checkNumbers({ maxConnections }, Number.isInteger, MINIMUM_CONNECTIONS);
  if (!/^[!-~]+$/.test(clientName)) {
    throw new TypeError(
      `Redis setting clientName is ${JSON.stringify(clientName)}; Redis allows no blanks in it.`,
    );
  }
  if (settings.tls !== undefined && !address.tls) {
    throw new TypeError('Redis setting tls is given for a URL without TLS: write rediss in the URL.');
  }
  if (address.kind === 'cluster' && keyPrefix.includes('{')) {
    throw new TypeError(
      `Redis setting keyPrefix is ${keyPrefix}; in a cluster braces would take the place of those in the keys.`,
    );
  }
  return {
    address,
    displayUrl: displayUrl(address),
    tls: settings.tls ?? {},
    keyPrefix,
    connectTimeoutMs,
    operationTimeoutMs,
    maxConcurrentOps,
    maxConnections,
    clientName,
    writeCoalescing: settings.writeCoalescing ?? true,
  };
}

function checkNumbers(
  values: Readonly<Record<string, number>>,
  isOfKind: (value: number) => boolean,
  minimum: number,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (isOfKind(value) && value >= minimum) continue;
    const wanted =
      isOfKind === Number.isFinite
        ? 'a number above 0'
        : `a whole number that is not below ${String(minimum)}`;
    throw new TypeError(`Redis setting ${name} is ${String(value)}; it must be ${wanted}.`);
  }
}
