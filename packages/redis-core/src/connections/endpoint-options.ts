/**
 * Where an ioredis instance is to connect to, and as whom: the address in ioredis's words.
 */
import type { RedisOptions } from 'ioredis';

import type { NodeAddress, RedisAddress } from './redis-address.js';
import type { ResolvedRedisSettings } from '../redis-settings.js';

/** Options of an ioredis instance; the mapping of replies is ioredis's own. */
export type ServerOptions = Omit<RedisOptions, 'replyMapping'>;

/** Who asks, at any server of the address. */
export function accessOptions({ address, tls }: ResolvedRedisSettings): ServerOptions {
  return {
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(address.tls ? { tls } : {}),
  };
}

/** A server of the address: its only one, the primary that Sentinels named, or a node of its cluster. */
export function nodeOptions(
  settings: ResolvedRedisSettings,
  { host, port, socket }: NodeAddress,
): ServerOptions {
  const place = socket === undefined ? { host, port } : { host, port, path: socket };
  return { ...place, db: databaseOf(settings.address), ...accessOptions(settings) };
}

/** One of the Sentinels. They have users of their own. */
export function sentinelOptions(settings: ResolvedRedisSettings, { host, port }: NodeAddress): ServerOptions {
  const { address, tls } = settings;
  if (address.kind !== 'sentinel') throw new TypeError(`There are no Sentinels at ${settings.displayUrl}.`);
  const { sentinelUsername: username, sentinelPassword: password } = address;
  return {
    host,
    port,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(address.tls ? { tls } : {}),
    // Sentinels know no CLIENT SETNAME in old versions and need no INFO: they are asked one question.
    enableReadyCheck: false,
  };
}

/** Number of the database of an address; a cluster has only 0. */
export function databaseOf(address: RedisAddress): number {
  return address.kind === 'cluster' ? 0 : address.db;
}
