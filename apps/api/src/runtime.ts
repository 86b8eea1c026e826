/**
 * The connections of an api and the domain objects over them, for the stack and for single mode.
 */
import { createPool, createPrismaClient, isPostgresUnavailable, type PrismaClient } from '@longrun/database';
import { LongrunError } from '@longrun/contracts';
import { loadGraphs, prepareStoreIndex, type GraphRegistry } from '@longrun/graphs';
import { ResilientRedisClient } from '@longrun/redis-core';
import { registerRedisMetrics } from '@longrun/redis-core/metrics';
import {
  BullRunQueue,
  InProcessEventBus,
  InProcessRunQueue,
  parseRunLimits,
  RedisEventBus,
  RunEventHub,
  RunStore,
  type RunEventBus,
  type RunQueue,
} from '@longrun/runs';
import { Runner } from '@longrun/runner';
import {
  createMetrics,
  createRunMetrics,
  databaseUrls,
  REDIS_METRICS_PREFIX,
  redisSettings,
  retentionSettings,
  registerExecution,
  registerPoolMetrics,
  registerQueueMetrics,
  webhookSettings,
  type Logger,
  type Registry,
} from '@longrun/service-kit';
import type pg from 'pg';
import type { Authority } from './auth/authority.js';
import { chooseAuthority } from './auth/choose-authority.js';
import type { ApiConfig } from './config/api-config.js';

/** A request must be answered within 10 s while Postgres is away. */
const ANSWER_TIMEOUT_MS = 8_000;

export interface ApiRuntime {
  config: ApiConfig;
  log: Logger;
  registry: GraphRegistry;
  pool: pg.Pool;
  prisma: PrismaClient;
  redis: ResilientRedisClient | null;
  queue: RunQueue;
  bus: RunEventBus;
  store: RunStore;
  hub: RunEventHub;
  /** Who may use the api, and for what; null: everybody who reaches it. */
  auth: Authority | null;
  metrics: Registry;
  /** Executes runs in this process: single mode only. */
  runner: Runner | null;
}

/** @throws LongrunError when the settings contradict each other, or a graph cannot be loaded */
export async function createRuntime(config: ApiConfig, log: Logger): Promise<ApiRuntime> {
  const isSingle = checkMode(config);
  const registry = await loadGraphs(config.LANGGRAPH_CONFIG_PATH ?? '');
  const pool = createPool({
    ...databaseUrls(config),
    poolSize: config.DATABASE_POOL_SIZE,
    applicationName: 'longrun-api',
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
  });
  const auth = await chooseAuthority(config, registry, pool, log);
  await prepareStoreIndex(pool, registry.store.index);
  const store = new RunStore(pool, {
    crashLimit: config.CRASH_LIMIT,
    temporaryThreadSeconds: config.TEMPORARY_THREAD_SECONDS,
  });
  const redis = isSingle ? null : new ResilientRedisClient(redisSettings(config, 'api'));
  const bus = redis ? new RedisEventBus(redis) : new InProcessEventBus();
  const queue = redis ? new BullRunQueue(redis, pool) : new InProcessRunQueue();
  const hub = new RunEventHub({ pool, bus, readerBufferBytes: config.READER_BUFFER_BYTES });
  const metrics = createMetrics('api');
  registerPoolMetrics(metrics, pool);
  registerQueueMetrics(metrics, () => store.queueDepth());
  if (redis) registerRedisMetrics(redis, metrics, { prefix: REDIS_METRICS_PREFIX });
  const runner = isSingle ? createRunner(config, log, metrics, { store, bus, queue, registry }) : null;
  return {
    config,
    log,
    registry,
    pool,
    prisma: createPrismaClient(pool),
    redis,
    queue,
    bus,
    store,
    hub,
    auth,
    metrics,
    runner,
  };
}

/** Where this process itself is called by a webhook that is a path; undefined when it takes any free port. */
function ownUrl(config: ApiConfig): string | undefined {
  return config.PORT === 0 ? undefined : `http://127.0.0.1:${config.PORT}`;
}

/** True for single mode. */
function checkMode(config: ApiConfig): boolean {
  const isSingle = config.STREAMING_BACKEND === 'memory';
  if (!config.LANGGRAPH_CONFIG_PATH) {
    throw new LongrunError(
      'INTERNAL',
      'LANGGRAPH_CONFIG_PATH must be set: the langgraph.json that declares the graphs.',
    );
  }
  if (isSingle && config.ENABLE_WORKERS) {
    throw new LongrunError(
      'INTERNAL',
      'STREAMING_BACKEND=memory works in one process only: set ENABLE_WORKERS=false too, or STREAMING_BACKEND=redis.',
    );
  }
  if (!isSingle && !config.REDIS_URL) {
    throw new LongrunError(
      'INTERNAL',
      'REDIS_URL must be set, or STREAMING_BACKEND=memory with ENABLE_WORKERS=false.',
    );
  }
  if (!isSingle && !config.ENABLE_WORKERS) {
    throw new LongrunError(
      'INTERNAL',
      'ENABLE_WORKERS=false makes this process execute the runs itself, which needs STREAMING_BACKEND=memory.',
    );
  }
  return isSingle;
}

function createRunner(
  config: ApiConfig,
  log: Logger,
  metrics: Registry,
  parts: { store: RunStore; bus: RunEventBus; queue: RunQueue; registry: GraphRegistry },
): Runner {
  const runner = new Runner({
    ...parts,
    observer: createRunMetrics(metrics),
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
    webhooks: { ...webhookSettings(config), loopbackUrl: config.WEBHOOK_LOOPBACK_URL ?? ownUrl(config) },
    isAlone: true,
    log,
  });
  registerExecution(metrics, {
    activeRuns: () => runner.executor.activeCount,
    heartbeatUnconfirmedMs: () => runner.heartbeat.unconfirmedMs,
  });
  if (parts.queue instanceof InProcessRunQueue) {
    parts.queue.consume(
      (runId) =>
        runner.executor.process(runId).catch((error: unknown) => {
          if (!isPostgresUnavailable(error)) log.warn({ runId, err: error }, 'claim failed');
        }),
      config.N_JOBS_PER_WORKER,
    );
  }
  return runner;
}
