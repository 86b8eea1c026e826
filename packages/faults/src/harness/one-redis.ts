/**
 * A Redis of a scenario's own: one server.
 */
import { startTestRedis, type TestRedis } from '@longrun/testing';
import type { RedisUnderFault } from './redis-return.js';

export interface OneRedis extends RedisUnderFault {
  readonly server: TestRedis;
}

export async function startOneRedis(serverArguments: readonly string[] = []): Promise<OneRedis> {
  const server = await startTestRedis({ serverArguments });
  return {
    server,
    url: server.url,
    queuePort: async () => server.port,
    stop: async () => {
      // A frozen one would keep the signal that ends it for later.
      server.signal('SIGCONT');
      await server.stop();
    },
  };
}
