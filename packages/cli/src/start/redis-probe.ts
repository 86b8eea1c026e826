/**
 * Looks at a Redis that was given by URL before anything depends on it.
 */
import { RedisServerError, ResilientRedisClient } from '@longrun/redis-core';

/**
 * Checks the server. One that does not answer is not an error: the stack works without, and returns to it by itself.
 *
 * @throws RedisServerError when it answers and cannot be used: too old, no master, may evict keys
 */
export async function probeRedis(url: string, note: (sentence: string) => void): Promise<void> {
  const redis = new ResilientRedisClient({ url, clientName: 'longrun-start', healthCheckIntervalMs: 0 });
  try {
    await redis.init();
  } catch (error) {
    if (!(error instanceof RedisServerError) || error.code !== 'REDIS_UNREACHABLE') throw error;
    note(`Going on without Redis for now, runs come from Postgres: ${error.message}`);
  } finally {
    await redis.close();
  }
}
