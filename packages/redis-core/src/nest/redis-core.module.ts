/**
 * The kit as a Nest module: one client per application, connected before it serves, closed after it has stopped.
 */
import { Inject, Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown, OnModuleInit, Provider } from '@nestjs/common';

import { ResilientRedisClient } from '../client/resilient-redis-client.js';
import { RedisServerError } from '../redis-error.js';
import { REDIS_CORE_OPTIONS, REDIS_KIT } from './redis-core.constants.js';
import type {
  RedisCoreModuleAsyncOptions,
  RedisCoreModuleOptions,
  RedisStartOptions,
} from './redis-core-options.js';

const CLIENT: Provider = {
  provide: ResilientRedisClient,
  inject: [REDIS_CORE_OPTIONS],
  useFactory: (options: RedisCoreModuleOptions) => new ResilientRedisClient(options),
};

const KIT: Provider = {
  provide: REDIS_KIT,
  inject: [ResilientRedisClient],
  useFactory: (client: ResilientRedisClient) => client.kit,
};

@Module({})
export class RedisCoreModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(ResilientRedisClient) private readonly client: ResilientRedisClient,
    @Inject(REDIS_CORE_OPTIONS) private readonly options: RedisStartOptions,
  ) {}

  /**
   * Provides {@link ResilientRedisClient} and {@link REDIS_KIT} to the whole application.
   *
   * @throws TypeError when a setting is not valid, as the application is made
   */
  static forRoot(options: RedisCoreModuleOptions): DynamicModule {
    return RedisCoreModule.forRootAsync({ useFactory: () => options });
  }

  /** As {@link forRoot}, with options that other providers know. */
  static forRootAsync(options: RedisCoreModuleAsyncOptions): DynamicModule {
    const { imports = [], inject = [], useFactory, isGlobal = true } = options;
    return {
      module: RedisCoreModule,
      global: isGlobal,
      imports,
      providers: [
        {
          provide: REDIS_CORE_OPTIONS,
          inject: [...inject],
          // The tokens and the factory's parameters cannot be tied together in types.
          useFactory: useFactory as (...args: unknown[]) => unknown,
        },
        CLIENT,
        KIT,
      ],
      exports: [ResilientRedisClient, REDIS_KIT],
    };
  }

  /** As {@link forRoot}, for a client that the application has made already; from now on it belongs to the module. */
  static forClient(client: ResilientRedisClient, options: RedisStartOptions = {}): DynamicModule {
    return {
      module: RedisCoreModule,
      global: true,
      providers: [
        { provide: REDIS_CORE_OPTIONS, useValue: options },
        { provide: ResilientRedisClient, useValue: client },
        KIT,
      ],
      exports: [ResilientRedisClient, REDIS_KIT],
    };
  }

  /** @throws RedisServerError when there is no server (unless `required` is false), or one that cannot be used */
  async onModuleInit(): Promise<void> {
    try {
      await this.client.init();
    } catch (error) {
      const isAway = error instanceof RedisServerError && error.code === 'REDIS_UNREACHABLE';
      if (!isAway || this.options.required !== false) {
        await this.client.close();
        throw error;
      }
      this.options.onAway?.(error);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
  }
}
