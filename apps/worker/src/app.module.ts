/**
 * Puts a worker together.
 */
import { Module, type DynamicModule } from '@nestjs/common';
import { createPool } from '@longrun/database';
import type { GraphRegistry } from '@longrun/graphs';
import { ResilientRedisClient } from '@longrun/redis-core';
import { RedisCoreModule } from '@longrun/redis-core/nest';
import { BullRunQueue, parseRunLimits, RedisEventBus, RunStore } from '@longrun/runs';
import { Runner, type RunnerOptions } from '@longrun/runner';
import {
  Capabilities,
  createMetrics,
  createRunMetrics,
  databaseUrls,
  registerPoolMetrics,
  redisSettings,
  retentionSettings,
  webhookSettings,
  type Logger,
} from '@longrun/service-kit';
import { createWorkerCapabilities } from './health/worker-capabilities.js';
import { WorkerConfig } from './config/worker-config.js';
import { WorkerControlController } from './control/worker-control.controller.js';
import { HealthController } from './health/health.controller.js';
import { RunProcessor } from './run.processor.js';
import { WorkerShutdown } from './worker-shutdown.js';
import { BUS, LOGGER, METRICS } from './tokens.js';

@Module({})
export class AppModule {
  static create(config: WorkerConfig, registry: GraphRegistry, log: Logger): DynamicModule {
    const redis = new ResilientRedisClient(redisSettings(config, 'worker'));
    const pool = createPool({
      ...databaseUrls(config),
      poolSize: config.DATABASE_POOL_SIZE,
      applicationName: 'longrun-worker',
    });
    const store = new RunStore(pool, {
      crashLimit: config.CRASH_LIMIT,
      temporaryThreadSeconds: config.TEMPORARY_THREAD_SECONDS,
    });
    const queue = new BullRunQueue(redis, pool);
    const bus = new RedisEventBus(redis);
    const metrics = createMetrics('worker');
    registerPoolMetrics(metrics, pool);
    const observer = createRunMetrics(metrics);
    const runner = createRunner(config, registry, log, { bus, store, queue, observer });
    const capabilities = createWorkerCapabilities({ log, metrics, runner, redis, bus, queue });
    return {
      module: AppModule,
      imports: [RedisCoreModule.forClient(redis, { required: false })],
      controllers: [WorkerControlController, HealthController],
      providers: [
        { provide: WorkerConfig, useValue: config },
        { provide: LOGGER, useValue: log },
        { provide: METRICS, useValue: metrics },
        { provide: BUS, useValue: bus },
        { provide: Capabilities, useValue: capabilities },
        { provide: Runner, useValue: runner },
        RunProcessor,
        {
          provide: WorkerShutdown,
          inject: [RunProcessor],
          useFactory: (processor: RunProcessor) =>
            new WorkerShutdown({
              processor,
              runner,
              capabilities,
              queue,
              pool,
              graceMs: config.DRAIN_GRACE_MS,
            }),
        },
      ],
    };
  }
}

function createRunner(
  config: WorkerConfig,
  registry: GraphRegistry,
  log: Logger,
  parts: Pick<RunnerOptions, 'bus' | 'store' | 'queue' | 'observer'>,
): Runner {
  return new Runner({
    ...parts,
    registry,
    graphsConfigPath: config.LANGGRAPH_CONFIG_PATH ?? '',
    isolatedProcesses: config.ISOLATED_PROCESSES,
    databaseUrl: config.DATABASE_DIRECT_URL ?? config.DATABASE_URL,
    capacity: config.N_JOBS_PER_WORKER,
    jobTimeoutMs: config.JOB_TIMEOUT_SECONDS * 1_000,
    cancelGraceMs: config.CANCEL_GRACE_MS,
    silentLoopMs: config.SILENT_LOOP_LIMIT_MS,
    eventLimitBytes: config.EVENT_LIMIT_BYTES,
    temporaryThreadSeconds: config.TEMPORARY_THREAD_SECONDS,
    retention: retentionSettings(config),
    runLimits: parseRunLimits(config.RUN_LIMITS),
    webhooks: webhookSettings(config),
    isAlone: false,
    log,
  });
}
