/**
 * The memory of Redis is full: it answers, and refuses every write.
 */
import { askRedis } from '@longrun/testing';
import { startOneRedis } from '../harness/one-redis.js';
import { onRedis, REDIS_PROMISES } from '../harness/redis-trial.js';
import { pause, type Scenario } from '../scenario.js';

const FULL_MS = 10_000;
const BALLAST_BYTES = 32 * 1024 * 1024;

export const redisFull: Scenario = {
  name: 'redis-full',
  fault: 'maxmemory below what Redis holds, for 10 s',
  must: REDIS_PROMISES,
  isShort: false,
  control: { without: 'runs from Postgres', expects: /accepted → claimed|have not ended/ },
  run: onRedis({
    start: () => startOneRedis(),
    strikeMs: () => FULL_MS,
    async strike({ server }) {
      await askRedis(server.port, 'SETRANGE', 'ballast', BALLAST_BYTES, 'x');
      await askRedis(server.port, 'CONFIG', 'SET', 'maxmemory', BALLAST_BYTES / 2);
      await pause(FULL_MS);
      await askRedis(server.port, 'CONFIG', 'SET', 'maxmemory', 0);
    },
  }),
};
