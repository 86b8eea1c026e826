/**
 * Health of Redis for Terminus. Import it from `@longrun/redis-core/nest/terminus`; it needs `@nestjs/terminus`.
 */
import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import type { HealthIndicatorResult } from '@nestjs/terminus';

import { ResilientRedisClient } from '../client/resilient-redis-client.js';

/** Options of {@link RedisHealthIndicator.isHealthy}. */
export interface RedisHealthOptions {
  /** Longest wait for the answer, milliseconds. Default: the client's operation timeout. */
  readonly timeoutMs?: number;
}

@Injectable()
export class RedisHealthIndicator {
  constructor(
    @Inject(ResilientRedisClient) private readonly client: ResilientRedisClient,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
  ) {}

  /**
   * Up when a PING is answered in time. Down says why, with the circuit's state.
   *
   * @param key name of the indicator in the report
   */
  async isHealthy<Key extends string>(
    key: Key,
    options: RedisHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const indicator = this.indicators.check(key);
    try {
      const latencyMs = await this.client.getLatency(options);
      return indicator.up({ latencyMs });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return indicator.down({ reason, breaker: this.client.breaker.state.kind });
    }
  }
}
