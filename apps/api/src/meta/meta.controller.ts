/**
 * What the server says of itself: versions, what it can do, metrics.
 */
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { GraphRegistry } from '@longrun/graphs';
import { RunEventHub, type RunEventBus } from '@longrun/runs';
import { Gauge, streamingBackend, type Registry } from '@longrun/service-kit';
import { IsIn, IsOptional } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/public.js';
import { ApiConfig } from '../config/api-config.js';
import { ValidQuery } from '../http/validated.js';
import { BUS, GRAPHS, METRICS } from '../tokens.js';
import { langgraphVersion, serverVersion } from './versions.js';

export class MetricsQuery {
  @IsOptional()
  @IsIn(['prometheus', 'json'])
  format?: 'prometheus' | 'json';
}

@Controller()
export class MetaController {
  constructor(
    @Inject(BUS) private readonly bus: RunEventBus,
    @Inject(METRICS) private readonly metrics: Registry,
    @Inject(GRAPHS) private readonly registry: GraphRegistry,
    @Inject(ApiConfig) private readonly config: ApiConfig,
    @Inject(RunEventHub) hub: RunEventHub,
  ) {
    new Gauge({
      name: 'longrun_open_streams',
      help: 'Readers of run logs.',
      registers: [metrics],
      collect() {
        this.set(hub.readerCount);
      },
    });
  }

  @Public()
  @Get('info')
  info(): object {
    const { disabled } = this.registry.http;
    return {
      version: serverVersion,
      langgraph_js_version: langgraphVersion,
      context: 'js',
      flags: {
        assistants: !disabled.has('assistants'),
        crons: !disabled.has('runs'),
        mcp: !disabled.has('mcp'),
        a2a: !disabled.has('a2a'),
        langsmith: false,
        langsmith_tracing_replicas: false,
        strict_resume: true,
        stream_namespaces: true,
      },
      longrun: {
        version: serverVersion,
        events: this.bus.isLive ? 'pushed' : 'polled',
        streaming: streamingBackend(this.config.STREAMING_BACKEND === 'memory', this.bus.isLive),
      },
    };
  }

  @Public()
  @Get('metrics')
  async prometheus(
    @ValidQuery(MetricsQuery) { format }: MetricsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    if (format === 'json') return this.metrics.getMetricsAsJSON();
    void reply.header('content-type', 'text/plain; version=0.0.4');
    return this.metrics.metrics();
  }
}
