/**
 * The settings of a kit and their defaults. Changes when the kit gets a knob.
 */

/** What {@link createRedisKit} needs to know. Times are in milliseconds. */
export interface RedisSettings {
  /** `redis://[user:password@]host[:port][/db]`, or `rediss://` for TLS. */
  readonly url: string;
  /** Put before every key of the command and exclusive connections. Channels and BullMQ's keys do not get it. */
  readonly keyPrefix?: string;
  /** Time for TCP, TLS and the handshake of one connection together. Default 2,000. */
  readonly connectTimeoutMs: number;
  /** Time after which a command has failed, whatever the server does. Default 2,000. */
  readonly operationTimeoutMs: number;
  /** Ceiling of the pool of exclusive connections. Default 8. */
  readonly maxExclusive?: number;
  /** Shown by `CLIENT LIST`, with the role behind it. */
  readonly clientName?: string;
  /** Collect the writes of one turn of the event loop into one packet. Default true. */
  readonly writeCoalescing?: boolean;
}

/** {@link RedisSettings} with nothing left open. */
export interface ResolvedRedisSettings {
  readonly url: string;
  /** The URL without its password, for messages. */
  readonly displayUrl: string;
  readonly keyPrefix: string;
  readonly connectTimeoutMs: number;
  readonly operationTimeoutMs: number;
  readonly maxExclusive: number;
  readonly clientName: string;
  readonly writeCoalescing: boolean;
}

/** How often the command connection is pinged; a frozen server is noticed this long plus one operation timeout later. */
export const COMMAND_PING_INTERVAL_MS = 1_000;
/** How often the subscriber is pinged. */
export const SUBSCRIBER_PING_INTERVAL_MS = 5_000;
/** An exclusive connection that nobody borrowed for this long is closed. */
export const EXCLUSIVE_IDLE_MS = 10_000;
/** Callers that may wait for an exclusive connection; the next one is refused at once. */
export const EXCLUSIVE_MAX_WAITING = 1_000;
/** Longest use of an exclusive connection when its user names no other limit. */
export const EXCLUSIVE_USE_LIMIT_MS = 30_000;

/**
 * Fills in the defaults.
 *
 * @throws TypeError when the URL is not a Redis URL or a number is not positive; the message names the field
 */
export function resolveRedisSettings(settings: RedisSettings): ResolvedRedisSettings {
  const url = parseUrl(settings.url);
  const maxExclusive = settings.maxExclusive ?? 8;
  for (const [name, value] of Object.entries({
    connectTimeoutMs: settings.connectTimeoutMs,
    operationTimeoutMs: settings.operationTimeoutMs,
    maxExclusive,
  })) {
    if (!Number.isFinite(value) || value <= 0) {
      throw new TypeError(`Redis setting ${name} is ${String(value)}; it must be a number above 0.`);
    }
  }
  if (url.password !== '') url.password = '***';
  return {
    url: settings.url,
    displayUrl: url.toString(),
    keyPrefix: settings.keyPrefix ?? '',
    connectTimeoutMs: settings.connectTimeoutMs,
    operationTimeoutMs: settings.operationTimeoutMs,
    maxExclusive,
    clientName: settings.clientName ?? 'longrun',
    writeCoalescing: settings.writeCoalescing ?? true,
  };
}

function parseUrl(text: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    // Reported below: a URL may hold a password, so the text itself is not repeated.
  }
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol)) {
    throw new TypeError(
      'The Redis URL is not valid; it must look like redis://host:6379/0 or rediss://host:6379/0.',
    );
  }
  return url;
}
