/**
 * Options of the module.
 */
import type { ModuleMetadata } from '@nestjs/common';

import type { ResilientRedisSettings } from '../client/client-settings.js';

/** When the application starts. */
export interface RedisStartOptions {
  /**
   * Whether the application needs Redis to start. Default true. With false a server that does not answer is no reason not to
   * start: the client goes on trying, and `onAway` is told. A server that answers and cannot be used always is one.
   */
  readonly required?: boolean;
  /** Told at start, with `required: false`, when Redis does not answer. */
  readonly onAway?: (error: Error) => void;
}

/** Options of {@link RedisCoreModule.forRoot}. */
export interface RedisCoreModuleOptions extends ResilientRedisSettings, RedisStartOptions {}

/** Options of {@link RedisCoreModule.forRootAsync}. */
export interface RedisCoreModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: readonly (string | symbol | (new (...args: never[]) => unknown))[];
  readonly useFactory: (...args: never[]) => RedisCoreModuleOptions | Promise<RedisCoreModuleOptions>;
  /** Default true. */
  readonly isGlobal?: boolean;
}
