/**
 * Redis closes the connections of everybody, again and again.
 */
import { askRedis } from '@longrun/testing';
import { startOneRedis } from '../harness/one-redis.js';
import { onRedis, REDIS_PROMISES } from '../harness/redis-trial.js';
import { pause, type Scenario, type ScenarioContext } from '../scenario.js';

const EVERY_MS = 100;

const killMs = ({ size }: ScenarioContext): number => (size === 'long' ? 10_000 : 4_000);

export const redisClientsKilled: Scenario = {
  name: 'redis-clients-killed',
  fault: 'CLIENT KILL TYPE normal, or TYPE pubsub, every 100 ms for 10 s (4 s in the short suite)',
  must: REDIS_PROMISES,
  isShort: true,
  control: { without: 'log on a gap', expects: /gap: / },
  run: onRedis({
    start: () => startOneRedis(),
    strikeMs: killMs,
    async strike({ server }, { context }) {
      for (let killing = 0; killing < killMs(context); killing += EVERY_MS) {
        await askRedis(server.port, 'CLIENT', 'KILL', 'TYPE', context.random.pick(['normal', 'pubsub']));
        await pause(EVERY_MS);
      }
    },
  }),
};
