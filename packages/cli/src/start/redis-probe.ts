/**
 * Looks at a Redis that was given by URL before anything depends on it.
 */
import { createRedisKit } from '@longrun/redis-core';

/**
 * Checks the server. One that does not answer is not an error: the stack works without, and returns to it by itself.
 *
 * @throws RedisServerError when it answers and cannot be used: too old, no master, may evict keys
 */
export async function probeRedis(url: string, note: (sentence: string) => void): Promise<void> {
  const kit = createRedisKit({
    url,
    connectTimeoutMs: 2_000,
    operationTimeoutMs: 2_000,
    clientName: 'longrun-start',
  });
  try {
    try {
      await kit.connect();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      note(`Going on without Redis for now, runs come from Postgres: ${reason}`);
      return;
    }
    await kit.checkServer();
  } finally {
    await kit.close();
  }
}
