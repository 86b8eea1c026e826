/**
 * Health and metrics of a worker, for probes and Prometheus.
 */
import { Controller, Get, Header, HttpException, Inject } from '@nestjs/common';
import { ResilientRedisClient } from '@longrun/redis-core';
import { Runner } from '@longrun/runner';
import { registerRedisMetrics } from '@longrun/redis-core/metrics';
import {
  Capabilities,
  Gauge,
  REDIS_METRICS_PREFIX,
  registerExecution,
  readinessOf,
  streamingBackend,
  type Readiness,
  type Registry,
} from '@longrun/service-kit';
import type { RunEventBus } from '@longrun/runs';
import { RunProcessor } from '../run.processor.js';
import { BUS, METRICS } from '../tokens.js';

@Controller()
export class HealthController {
  constructor(
    @Inject(Runner) private readonly runner: Runner,
    @Inject(Capabilities) private readonly capabilities: Capabilities,
    @Inject(ResilientRedisClient) redis: ResilientRedisClient,
    @Inject(METRICS) private readonly metrics: Registry,
    @Inject(BUS) private readonly bus: RunEventBus,
    @Inject(RunProcessor) processor: RunProcessor,
  ) {
    registerExecution(metrics, {
      activeRuns: () => runner.executor.activeCount,
      heartbeatUnconfirmedMs: () => runner.heartbeat.unconfirmedMs,
    });
    new Gauge({
      name: 'longrun_event_loop_delay_mean_seconds',
      help: 'Mean delay of the event loop over a second.',
      registers: [metrics],
      collect() {
        this.set(processor.loopDelayMs / 1_000);
      },
    });
    registerRedisMetrics(redis, metrics, { prefix: REDIS_METRICS_PREFIX });
  }

  /** Alive: the event loop turns. */
  @Get(['ok', 'health/live'])
  ok(): { ok: true } {
    return { ok: true };
  }

  /** Ready: the heartbeat is confirmed and the worker is not draining. Redis is no condition: runs go on without it, and what is missing is named. */
  @Get(['ready', 'health/ready'])
  ready(): Readiness {
    const readiness = readinessOf(
      this.capabilities.missing,
      streamingBackend(false, this.bus.isLive),
      this.#reasonNotToBeReady(),
    );
    if (!readiness.ready) throw new HttpException(readiness, 503);
    return readiness;
  }

  #reasonNotToBeReady(): string | undefined {
    const { heartbeat, executor } = this.runner;
    if (executor.isDraining) return 'draining';
    return heartbeat.isConfirmed ? undefined : `no heartbeat for ${Math.round(heartbeat.unconfirmedMs)} ms`;
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4')
  async prometheus(): Promise<string> {
    return this.metrics.metrics();
  }
}
