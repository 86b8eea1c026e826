/**
 * Puts an api together: its connections (`runtime.ts`) and a folder per concept.
 */
import { Module, type DynamicModule } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { PrismaClient } from '@longrun/database';
import { openStore, UiBundles } from '@longrun/graphs';
import { RedisCoreModule } from '@longrun/redis-core/nest';
import { CronStore, RunEventHub, RunStore } from '@longrun/runs';
import { AnswerWatch, Capabilities } from '@longrun/service-kit';
import { A2aService } from './a2a/a2a.service.js';
import { AssistantDeletionService } from './assistants/assistant-deletion.service.js';
import { AssistantGraphService } from './assistants/assistant-graph.service.js';
import { AssistantSearchService } from './assistants/assistant-search.service.js';
import { AssistantsService } from './assistants/assistants.service.js';
import { SystemAssistants } from './assistants/system-assistants.js';
import { AccessService } from './auth/access.service.js';
import { UnaskedInterceptor } from './auth/unasked.interceptor.js';
import { createApiCapabilities } from './capabilities/api-capabilities.js';
import { ApiConfig } from './config/api-config.js';
import { controllersWithout } from './controllers.js';
import { CronsService } from './crons/crons.service.js';
import { ErrorFilter } from './http/error.filter.js';
import { IdempotencyService } from './http/idempotency.service.js';
import { CallerLimits } from './limits/caller-limits.service.js';
import { PROTOCOL_PROVIDERS } from './protocol/protocol.providers.js';
import { AssistantTools } from './mcp/assistant-tools.js';
import { McpExchanges } from './mcp/mcp-server.js';
import type { ApiRuntime } from './runtime.js';
import { RunBulkService } from './runs/run-bulk.service.js';
import { RunCreationService } from './runs/run-creation.js';
import { RunFollower } from './runs/run-follower.service.js';
import { RunStreamService } from './runs/run-stream.service.js';
import { RunsRepository } from './runs/runs.repository.js';
import { ThreadStreamService } from './threads/thread-stream.service.js';
import { ThreadSearchService } from './threads/thread-search.service.js';
import { ThreadStateWriter } from './threads/thread-state-writer.service.js';
import { ThreadsService } from './threads/threads.service.js';
import {
  AUTH,
  BUS,
  GRAPHS,
  ITEMS,
  LOGGER,
  METRICS,
  POOL,
  QUEUE,
  REDIS,
  RUNNER,
  SERVED_CONTROLLERS,
} from './tokens.js';
import { RunCancellation } from './workers/run-cancellation.js';

@Module({})
export class AppModule {
  static create(runtime: ApiRuntime): DynamicModule {
    const { redis, metrics } = runtime;
    const controllers = controllersWithout([
      ...runtime.registry.http.disabled,
      ...(runtime.config.LONGRUN_TESTING ? [] : (['testing'] as const)),
    ]);
    const { capabilities, postgres } = createApiCapabilities(runtime, metrics);
    return {
      module: AppModule,
      // Without Redis the api starts all the same: it accepts runs, and workers fetch them from Postgres.
      imports: redis === null ? [] : [RedisCoreModule.forClient(redis, { required: false })],
      controllers,
      providers: [
        { provide: SERVED_CONTROLLERS, useValue: controllers },
        { provide: ApiConfig, useValue: runtime.config },
        { provide: LOGGER, useValue: runtime.log },
        { provide: POOL, useValue: runtime.pool },
        { provide: PrismaClient, useValue: runtime.prisma },
        { provide: REDIS, useValue: redis },
        { provide: QUEUE, useValue: runtime.queue },
        { provide: BUS, useValue: runtime.bus },
        { provide: CronStore, useValue: new CronStore(runtime.pool) },
        { provide: RunStore, useValue: runtime.store },
        { provide: RunEventHub, useValue: runtime.hub },
        { provide: GRAPHS, useValue: runtime.registry },
        { provide: ITEMS, useValue: openStore(runtime.pool, runtime.registry.store) },
        { provide: UiBundles, useValue: new UiBundles(runtime.registry.ui) },
        { provide: RUNNER, useValue: runtime.runner },
        { provide: AUTH, useValue: runtime.auth },
        ...(runtime.auth ? [{ provide: APP_INTERCEPTOR, useClass: UnaskedInterceptor }] : []),
        AccessService,
        CallerLimits,
        { provide: METRICS, useValue: metrics },
        { provide: Capabilities, useValue: capabilities },
        { provide: AnswerWatch, useValue: postgres },
        ErrorFilter,
        IdempotencyService,
        SystemAssistants,
        AssistantsService,
        AssistantSearchService,
        AssistantDeletionService,
        AssistantGraphService,
        ThreadsService,
        ThreadSearchService,
        ThreadStreamService,
        ThreadStateWriter,
        ...PROTOCOL_PROVIDERS,
        CronsService,
        RunCancellation,
        RunCreationService,
        RunStreamService,
        RunsRepository,
        RunBulkService,
        RunFollower,
        AssistantTools,
        McpExchanges,
        A2aService,
      ],
    };
  }
}
