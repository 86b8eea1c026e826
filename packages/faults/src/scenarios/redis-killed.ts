/**
 * kill -9 of Redis; an empty one comes back later.
 */
import { onRedis, REDIS_PROMISES } from '../harness/redis-trial.js';
import { startOneRedis } from '../harness/one-redis.js';
import { pause, type Scenario, type ScenarioContext } from '../scenario.js';

const awayMs = ({ size, without }: ScenarioContext): number[] =>
  size === 'long' && !without ? [5_000, 60_000] : [5_000];

export const redisKilled: Scenario = {
  name: 'redis-killed',
  fault: 'kill -9 of Redis, and an empty one 5 s later; in the long suite again with 60 s',
  must: REDIS_PROMISES,
  isShort: true,
  control: { without: 'runs from Postgres', expects: /accepted → claimed|have not ended/ },
  run: onRedis({
    start: () => startOneRedis(),
    strikeMs: (context) => awayMs(context).reduce((sum, ms) => sum + ms + 2_000, 0),
    async strike({ server }, { context }) {
      for (const ms of awayMs(context)) {
        await server.kill();
        await pause(ms);
        await server.restart();
      }
    },
  }),
};
