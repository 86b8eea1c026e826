/**
 * What an api may lose: Postgres, and in the stack what it has of Redis.
 */
import { askPostgres } from '@longrun/database';
import { addRedisCapabilities, AnswerWatch, Capabilities, type Registry } from '@longrun/service-kit';
import type { ApiRuntime } from '../runtime.js';

export interface ApiCapabilities {
  capabilities: Capabilities;
  postgres: AnswerWatch;
}

/** @param metrics gets the gauges */
export function createApiCapabilities(runtime: ApiRuntime, metrics: Registry): ApiCapabilities {
  const { config, pool, redis, bus, queue, runner, log } = runtime;
  const capabilities = new Capabilities(log, metrics);
  const postgres = new AnswerWatch({
    ask: () => askPostgres(pool),
    onChange: () => capabilities.look(),
  });
  const heartbeat = runner?.heartbeat;
  capabilities.add('postgres', {
    isThere: () => postgres.answers && (heartbeat?.isConfirmed ?? true),
    reason: () => postgres.failure,
    ask: () => postgres.doubt(),
  });
  // A connection that breaks while nobody uses it may be the first sign.
  pool.on('error', () => void postgres.doubt());
  heartbeat?.on('doubted', () => capabilities.look());
  heartbeat?.on('renewed', () => capabilities.look());
  if (redis) {
    addRedisCapabilities(capabilities, { redis, bus, queue });
    const { RATE_LIMIT_PER_SECOND: rate, RUN_QUOTA: quota } = config;
    if (rate > 0 || quota > 0) capabilities.add('limits', { isThere: () => redis.available });
  }
  return { capabilities, postgres };
}
