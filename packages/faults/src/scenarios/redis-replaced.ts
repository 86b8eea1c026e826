/**
 * Redis is replaced by a copy of it that lacks the last writes, as when a primary dies before its replica has them.
 */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { askRedis, startTestRedis, waitUntil, type TestRedis } from '@longrun/testing';
import type { RedisUnderFault } from '../harness/redis-return.js';
import { onRedis, REDIS_PROMISES } from '../harness/redis-trial.js';
import { pause, type Scenario } from '../scenario.js';

/** Writes of so long are lost. */
const LOST_MS = 2_000;
const AWAY_MS = 1_000;

interface ReplacedRedis extends RedisUnderFault {
  readonly primary: TestRedis;
  readonly replica: TestRedis;
}

async function start(): Promise<ReplacedRedis> {
  const primary = await startTestRedis();
  const replica = await startTestRedis({
    serverArguments: ['--replicaof', '127.0.0.1', String(primary.port)],
  });
  const isConnected = async () => ((await askRedis(replica.port, 'ROLE')) as unknown[])[3] === 'connected';
  await waitUntil(isConnected, { message: 'the replica to follow' });
  return {
    primary,
    replica,
    url: primary.url,
    queuePort: async () => primary.port,
    stop: async () => {
      await replica.stop();
      await primary.stop();
    },
  };
}

/** Where a server keeps what it saves. */
async function dumpOf({ port }: TestRedis): Promise<string> {
  const [, folder] = (await askRedis(port, 'CONFIG', 'GET', 'dir')) as [string, string];
  return join(folder, 'dump.rdb');
}

export const redisReplaced: Scenario = {
  name: 'redis-replaced',
  fault: 'kill -9 of Redis; in its place comes a replica that lost the writes of the last 2 s',
  must: REDIS_PROMISES,
  isShort: false,
  run: onRedis({
    start,
    strikeMs: () => LOST_MS + AWAY_MS,
    async strike({ primary, replica }) {
      // From here on the replica hears nothing; what it has is written to disk.
      await askRedis(replica.port, 'REPLICAOF', 'NO', 'ONE');
      await askRedis(replica.port, 'SAVE');
      const [saved, place] = [await dumpOf(replica), await dumpOf(primary)];
      await pause(LOST_MS);
      await primary.kill();
      await pause(AWAY_MS);
      copyFileSync(saved, place);
      await primary.restart();
    },
  }),
};
