/**
 * A sweeper process: a service, or with `--once` one observation and the repairs that follow from it, for a cron job.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  announceReady,
  createLogger,
  createMetrics,
  loadConfig,
  runMain,
  startTracing,
  stopOnSignal,
} from '@longrun/service-kit';
import { AppModule } from './app.module.js';
import { SweeperConfig } from './config/sweeper-config.js';
import { sweepOnce } from './sweep-once.js';
import { SweeperService } from './sweeper.service.js';

const SHUTDOWN_DEADLINE_MS = 10_000;

runMain(async () => {
  const config = loadConfig(SweeperConfig);
  const log = createLogger('sweeper', config);
  const tracing = await startTracing('sweeper', config, log);
  if (process.argv.includes('--once')) {
    const service = new SweeperService(config, log, createMetrics('sweeper'));
    // As long as the slower of the two verdicts takes, and two looks more.
    const { LEASE_MS: leaseMs, SWEEP_INTERVAL_MS: intervalMs } = config;
    await sweepOnce(() => service.runOnce(leaseMs + 2 * intervalMs, intervalMs));
    await tracing.stop();
    return;
  }
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.create(config, log),
    new FastifyAdapter(),
    { logger: ['error', 'warn'] },
  );
  const service = app.get(SweeperService);
  await service.start();
  await app.listen(config.HEALTH_PORT, config.HOST);
  stopOnSignal(log, SHUTDOWN_DEADLINE_MS, async () => {
    await service.stop();
    await app.close();
    await tracing.stop();
  });
  log.info('sweeper ready');
  announceReady({ url: await app.getUrl() });
});
