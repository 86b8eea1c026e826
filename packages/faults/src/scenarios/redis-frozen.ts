/**
 * SIGSTOP of Redis: connections stay open, and nothing answers.
 */
import { startOneRedis } from '../harness/one-redis.js';
import { onRedis, REDIS_PROMISES } from '../harness/redis-trial.js';
import { pause, type Scenario } from '../scenario.js';

const FROZEN_MS = 15_000;

export const redisFrozen: Scenario = {
  name: 'redis-frozen',
  fault: 'SIGSTOP of Redis for 15 s',
  must: REDIS_PROMISES,
  isShort: false,
  control: { without: 'runs from Postgres', expects: /accepted → claimed|have not ended/ },
  run: onRedis({
    start: () => startOneRedis(),
    strikeMs: () => FROZEN_MS,
    async strike({ server }) {
      server.signal('SIGSTOP');
      await pause(FROZEN_MS);
      server.signal('SIGCONT');
    },
  }),
};
