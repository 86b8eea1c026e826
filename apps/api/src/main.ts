/**
 * An api process: REST and server-sent events. Executes no run, except in single mode.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  AnswerWatch,
  announceReady,
  Capabilities,
  createLogger,
  loadConfig,
  runMain,
  stopOnSignal,
} from '@longrun/service-kit';
import { AppModule } from './app.module.js';
import { SystemAssistants } from './assistants/system-assistants.js';
import { AccessService } from './auth/access.service.js';
import { ApiConfig } from './config/api-config.js';
import { ErrorFilter } from './http/error.filter.js';
import { IGNORED_FIELDS_HEADER } from './http/validated.js';
import { useJsonBody } from './http/json-body.js';
import { useProtocolSockets } from './protocol/protocol-socket.route.js';
import { createRuntime } from './runtime.js';

const SHUTDOWN_MARGIN_MS = 8_000;

/** What browsers may read of an answer. */
const EXPOSED_HEADERS = [
  'Content-Location',
  'Location',
  'X-Pagination-Total',
  'X-Pagination-Next',
  IGNORED_FIELDS_HEADER,
];

runMain(async () => {
  const config = loadConfig(ApiConfig);
  const log = createLogger('api', config.LOG_LEVEL);
  const runtime = await createRuntime(config, log);
  const adapter = new FastifyAdapter({ bodyLimit: config.BODY_LIMIT_BYTES, forceCloseConnections: true });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.create(runtime), adapter, {
    logger: ['error', 'warn'],
    bodyParser: false,
  });
  useJsonBody(adapter.getInstance());
  app.useGlobalFilters(app.get(ErrorFilter));
  const origins = config.CORS_ORIGINS.split(',').map((origin) => origin.trim());
  app.enableCors({
    origin: origins.includes('*') ? '*' : origins,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    exposedHeaders: EXPOSED_HEADERS,
  });
  app.get(AccessService).register(adapter.getInstance());
  await useProtocolSockets(adapter.getInstance(), app, { maxPayload: config.BODY_LIMIT_BYTES, origins });

  await app.init();
  await app.get(SystemAssistants).register();
  await runtime.runner?.start();
  await app.listen(config.PORT, config.HOST);
  const capabilities = app.get(Capabilities);
  capabilities.start();
  const drainMs = runtime.runner ? config.DRAIN_GRACE_MS : 0;
  stopOnSignal(log, drainMs + SHUTDOWN_MARGIN_MS, async () => {
    // First the runs of single mode, so that their clients see the end; then the streams, the server, the connections.
    await runtime.runner?.stop(drainMs);
    capabilities.close();
    app.get(AnswerWatch).close();
    await app.close();
    runtime.hub.close();
    await runtime.queue.close();
    await runtime.redis?.close();
    await runtime.pool.end();
  });
  const url = `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${portOf(app)}`;
  log.info({ url, graphs: [...runtime.registry.graphs.keys()] }, 'api ready');
  announceReady({ url });
});

function portOf(app: NestFastifyApplication): number {
  const address = app.getHttpServer().address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
