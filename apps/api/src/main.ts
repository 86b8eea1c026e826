/**
 * An api process: REST and server-sent events. Executes no run, except in single mode.
 */
import type { IncomingMessage } from 'node:http';
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadHttpApp } from '@longrun/graphs';
import {
  AnswerWatch,
  announceReady,
  Capabilities,
  createLogger,
  loadConfig,
  runMain,
  startTracing,
  stopOnSignal,
} from '@longrun/service-kit';
import { AppModule } from './app.module.js';
import { SystemAssistants } from './assistants/system-assistants.js';
import { AccessService } from './auth/access.service.js';
import { ApiConfig } from './config/api-config.js';
import { corsOptions } from './http/cors-options.js';
import { CustomRoutes } from './http/custom-routes.js';
import { ErrorFilter } from './http/error.filter.js';
import { withoutPrefix } from './http/mount-prefix.js';
import { headerLimits, limitHeaderCount } from './http/header-limits.js';
import { useJsonBody } from './http/json-body.js';
import { useRequestSpans } from './http/request-spans.js';
import { refuseNulInUrl } from './http/nul-in-url.js';
import { useSecurityHeaders } from './http/security-headers.js';
import { CallerLimits } from './limits/caller-limits.service.js';
import { useCallerLimits } from './limits/limit-hooks.js';
import { useProtocolSockets } from './protocol/protocol-socket.route.js';
import { createRuntime } from './runtime.js';

const SHUTDOWN_MARGIN_MS = 8_000;

runMain(async () => {
  const config = loadConfig(ApiConfig);
  const log = createLogger('api', config);
  const tracing = await startTracing('api', config, log);
  const runtime = await createRuntime(config, log);
  const { http } = runtime.registry;
  const adapter = new FastifyAdapter({
    bodyLimit: config.BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    rewriteUrl: (request: IncomingMessage) => withoutPrefix(request.url ?? '/', http.mountPrefix),
    ...headerLimits(config),
    // Clients of MCP are told `/mcp` here and `/mcp/` there.
    routerOptions: { ignoreTrailingSlash: true },
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.create(runtime), adapter, {
    logger: ['error', 'warn'],
    bodyParser: false,
  });
  useJsonBody(adapter.getInstance());
  if (tracing.isOn) useRequestSpans(adapter.getInstance());
  app.useGlobalFilters(app.get(ErrorFilter));
  const cors = corsOptions(config.CORS_ORIGINS, http);
  app.enableCors(cors);
  limitHeaderCount(adapter.getInstance(), config);
  const custom = http.app && new CustomRoutes(await loadHttpApp(http.app), log);
  // On the platform auth.path leaves them alone unless it is told otherwise. An API key stands before everything.
  const { registry, auth } = runtime;
  const isKeyed = auth !== null && registry.auth === null;
  const isAuthenticated = http.customRouteAuth ?? isKeyed;
  if (!isAuthenticated) custom?.register(adapter.getInstance());
  await useSecurityHeaders(adapter.getInstance());
  app.get(AccessService).register(adapter.getInstance());
  useCallerLimits(adapter.getInstance(), app.get(CallerLimits));
  if (isAuthenticated) custom?.register(adapter.getInstance());
  refuseNulInUrl(adapter.getInstance());
  if (!http.disabled.has('runs')) {
    const origins = [cors.origin].flat();
    await useProtocolSockets(adapter.getInstance(), app, { maxPayload: config.BODY_LIMIT_BYTES, origins });
  }

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
    await tracing.stop();
  });
  const url = `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${portOf(app)}`;
  log.info({ url, graphs: [...runtime.registry.graphs.keys()] }, 'api ready');
  announceReady({ url });
});

function portOf(app: NestFastifyApplication): number {
  const address = app.getHttpServer().address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
