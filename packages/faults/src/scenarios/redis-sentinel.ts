/**
 * The whole stack on a Redis that Sentinels watch; its primary dies.
 */
import { startTestSentinel, waitUntil, type TestSentinels } from '@longrun/testing';
import type { RedisUnderFault } from '../harness/redis-return.js';
import { onRedis, REDIS_PROMISES } from '../harness/redis-trial.js';
import type { Scenario } from '../scenario.js';

interface WatchedRedis extends RedisUnderFault {
  readonly sentinels: TestSentinels;
}

export const redisSentinel: Scenario = {
  name: 'redis-sentinel',
  fault: '1 primary, 2 replicas, 3 Sentinels; kill -9 of the primary',
  must: REDIS_PROMISES,
  isShort: false,
  control: { without: 'runs from Postgres', expects: /accepted → claimed|have not ended/ },
  run: onRedis({
    start,
    strikeMs: () => 8_000,
    async strike({ sentinels }) {
      const primary = await sentinels.primary();
      await primary.kill();
      await waitUntil(async () => (await sentinels.primary()) !== primary, {
        timeoutMs: 30_000,
        message: 'the failover',
      });
    },
  }),
};

async function start(): Promise<WatchedRedis> {
  const sentinels = await startTestSentinel({ replicas: 2 });
  return {
    sentinels,
    url: sentinels.url,
    queuePort: async () => (await sentinels.primary()).port,
    stop: () => sentinels.stop(),
  };
}
