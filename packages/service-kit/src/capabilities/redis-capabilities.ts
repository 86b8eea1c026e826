/**
 * What a process has of Redis. All of it follows the client's own events.
 */
import type { ResilientRedisClient } from '@longrun/redis-core';
import type { Capabilities } from './capabilities.js';

export interface RedisParts {
  readonly redis: ResilientRedisClient;
  /** Left out by a process that listens to nothing. */
  readonly bus?: { readonly isLive: boolean };
  readonly queue: { readonly isLive: boolean };
}

export function addRedisCapabilities(capabilities: Capabilities, { redis, bus, queue }: RedisParts): void {
  const { breaker, kit } = redis;
  let lost: string | undefined;
  capabilities.add('redis', {
    isThere: () => redis.available,
    reason: () => ('reason' in breaker.state ? breaker.state.reason : lost),
  });
  if (bus !== undefined) capabilities.add('push', { isThere: () => bus.isLive });
  capabilities.add('queue', { isThere: () => queue.isLive });

  const look = (): void => capabilities.look();
  breaker.on('state', look);
  kit.on('available', look);
  kit.on('unavailable', (reason) => {
    lost = reason;
    look();
  });
  kit.subscriber.on('gap', look);
}
