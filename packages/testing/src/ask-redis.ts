/**
 * One command to one server, for starters and tests that must look behind what they test.
 */
import { Redis } from 'ioredis';

/**
 * Sends a command on a connection of its own, and returns the answer.
 *
 * @throws Error when the server refuses it, or does not answer within 2 s
 */
export async function askRedis(port: number, name: string, ...args: (string | number)[]): Promise<unknown> {
  const redis = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    // Sentinels refuse part of the usual greeting, and a server that loads is asked all the same.
    enableReadyCheck: false,
    connectTimeout: 2_000,
    commandTimeout: 2_000,
    retryStrategy: () => null,
  });
  let reason: Error | undefined;
  redis.on('error', (error) => (reason ??= error));
  try {
    await redis.connect();
    return await redis.call(name, ...args);
  } catch (error) {
    // ioredis itself says only that the connection is closed.
    throw reason ?? error;
  } finally {
    redis.disconnect();
  }
}
