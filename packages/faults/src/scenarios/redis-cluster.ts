/**
 * The whole stack on a Redis Cluster; the primary that has the queue dies.
 */
import { bullmqPrefix } from '@longrun/contracts';
import {
  askRedis,
  startTestRedisCluster,
  waitUntil,
  type TestRedis,
  type TestRedisCluster,
} from '@longrun/testing';
import type { RedisUnderFault } from '../harness/redis-return.js';
import { onRedis, REDIS_PROMISES } from '../harness/redis-trial.js';
import type { Scenario } from '../scenario.js';

interface ClusteredRedis extends RedisUnderFault {
  readonly cluster: TestRedisCluster;
  queueServer(): Promise<TestRedis>;
}

export const redisCluster: Scenario = {
  name: 'redis-cluster',
  fault: 'a cluster of 3 primaries and 3 replicas; kill -9 of the primary that has the queue',
  must: REDIS_PROMISES,
  isShort: false,
  control: { without: 'runs from Postgres', expects: /accepted → claimed|have not ended/ },
  run: onRedis({
    start,
    strikeMs: () => 8_000,
    async strike({ cluster, queueServer }) {
      const primary = await queueServer();
      await primary.kill();
      await waitUntil(async () => (await queueServer()) !== primary, {
        timeoutMs: 30_000,
        message: 'the failover',
      });
      await cluster.waitUntilWhole();
    },
  }),
};

async function start(): Promise<ClusteredRedis> {
  const cluster = await startTestRedisCluster();
  const [first] = cluster.servers;
  if (first === undefined) throw new Error('The cluster has no server.');
  const slot = Number(await askRedis(first.port, 'CLUSTER', 'KEYSLOT', bullmqPrefix('')));
  const queueServer = (): Promise<TestRedis> => cluster.masterOf(slot);
  return {
    cluster,
    url: cluster.url,
    queueServer,
    queuePort: async () => (await queueServer()).port,
    stop: () => cluster.stop(),
  };
}
