/**
 * A worker process: executes runs. Its control plane is a Nest microservice over redis-core, its HTTP port serves health and
 * metrics only.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LongrunError } from '@longrun/contracts';
import { loadGraphs } from '@longrun/graphs';
import { ResilientRedisClient } from '@longrun/redis-core';
import { Runner } from '@longrun/runner';
import {
  announceReady,
  Capabilities,
  createLogger,
  loadConfig,
  runMain,
  startTracing,
  stopOnSignal,
} from '@longrun/service-kit';
import { AppModule } from './app.module.js';
import { WorkerConfig } from './config/worker-config.js';
import { RedisControlTransport } from './control/redis-control.transport.js';
import { WorkerShutdown } from './worker-shutdown.js';

/** Time for everything after the drain. */
const SHUTDOWN_MARGIN_MS = 5_000;

runMain(async () => {
  const config = loadConfig(WorkerConfig);
  if (!config.REDIS_URL || !config.LANGGRAPH_CONFIG_PATH) {
    throw new LongrunError(
      'INTERNAL',
      'A worker needs REDIS_URL and LANGGRAPH_CONFIG_PATH. Without Redis, start one api with ENABLE_WORKERS=false and STREAMING_BACKEND=memory instead.',
    );
  }
  const log = createLogger('worker', config);
  const tracing = await startTracing('worker', config, log);
  const registry = await loadGraphs(config.LANGGRAPH_CONFIG_PATH);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.create(config, registry, log),
    new FastifyAdapter(),
    { logger: ['error', 'warn'] },
  );
  const redis = app.get(ResilientRedisClient);
  const runner = app.get(Runner);
  app.connectMicroservice<MicroserviceOptions>({
    strategy: new RedisControlTransport(redis, runner.workerId),
  });

  // Connects to Redis; without it the worker starts all the same: runs then come from Postgres.
  await app.init();
  await runner.start();
  await app.startAllMicroservices();
  await app.listen(config.HEALTH_PORT, config.HOST);
  app.get(Capabilities).start();
  const shutdown = app.get(WorkerShutdown);
  stopOnSignal(log, config.DRAIN_GRACE_MS + SHUTDOWN_MARGIN_MS, async () => {
    await shutdown.stop();
    await app.close();
    await tracing.stop();
  });
  log.info({ workerId: runner.workerId, graphs: [...registry.graphs.keys()] }, 'worker ready');
  announceReady({ id: runner.workerId, url: await app.getUrl() });
});
