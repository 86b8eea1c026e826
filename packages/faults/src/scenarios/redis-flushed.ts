/**
 * Redis loses everything it holds, again and again.
 */
import { askRedis } from '@longrun/testing';
import { Redis } from 'ioredis';
import { startOneRedis, type OneRedis } from '../harness/one-redis.js';
import type { Setting } from '../harness/on-stack.js';
import { onRedis, REDIS_PROMISES } from '../harness/redis-trial.js';
import type { AcceptedRun } from '../harness/run-client.js';
import { pause, type Scenario, type ScenarioContext } from '../scenario.js';

const EVERY_MS = 300;
/** Runs of which some jobs are certainly lost before anybody has fetched them. */
const LOST = 8;

const flushMs = ({ size }: ScenarioContext): number => (size === 'long' ? 10_000 : 4_000);

export const redisFlushed: Scenario = {
  name: 'redis-flushed',
  fault:
    'FLUSHALL every 300 ms for 10 s (4 s in the short suite), and once without a pause while runs are created',
  must: REDIS_PROMISES,
  isShort: true,
  control: { without: 'reconcile', expects: /have not ended/ },
  run: onRedis({
    start: () => startOneRedis(),
    strikeMs: flushMs,
    before: loseJobs,
    async strike({ server }, { context }) {
      for (let flushed = 0; flushed < flushMs(context); flushed += EVERY_MS) {
        await askRedis(server.port, 'FLUSHALL');
        await pause(EVERY_MS);
      }
    },
  }),
};

/** Empties Redis without a pause while runs are created. */
async function loseJobs({ server }: OneRedis, { client }: Setting): Promise<AcceptedRun[]> {
  const redis = new Redis(server.url);
  const input = { steps: 1, ms: 10 };
  const create = () => client.create({ assistant_id: 'steps', input, stream_mode: ['custom'] });
  try {
    let areCreated = false;
    const created = Promise.all(Array.from({ length: LOST }, create)).finally(() => (areCreated = true));
    while (!areCreated) await redis.flushall();
    return await created;
  } finally {
    redis.disconnect();
  }
}
