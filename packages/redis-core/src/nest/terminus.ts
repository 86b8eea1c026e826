/**
 * `@longrun/redis-core/nest/terminus`: a health indicator, apart from the module so that Terminus stays optional.
 */
export { RedisHealthIndicator } from './redis.health.js';
export type { RedisHealthOptions } from './redis.health.js';
