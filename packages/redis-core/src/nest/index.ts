/**
 * `@longrun/redis-core/nest`: the kit for NestJS.
 */
export { REDIS_KIT } from './redis-core.constants.js';
export { RedisCoreModule } from './redis-core.module.js';
export type {
  RedisCoreModuleAsyncOptions,
  RedisCoreModuleOptions,
  RedisStartOptions,
} from './redis-core-options.js';
