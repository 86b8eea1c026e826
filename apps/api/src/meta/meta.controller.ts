/**
 * Routes about the server itself.
 */
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { LongrunError } from '@longrun/contracts';
import { RunEventHub, type RunEventBus } from '@longrun/runs';
import { AnswerWatch, Capabilities, Gauge, type CapabilityName, type Registry } from '@longrun/service-kit';
import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/public.js';
import { AsBoolean } from '../http/field-rules.js';
import { ValidQuery } from '../http/validated.js';
import { BUS, METRICS } from '../tokens.js';
import { langgraphVersion, serverVersion } from './versions.js';

export class OkQuery {
  @IsOptional()
  @AsBoolean()
  @IsBoolean()
  check_db?: boolean;
}

export class MetricsQuery {
  @IsOptional()
  @IsIn(['prometheus', 'json'])
  format?: 'prometheus' | 'json';
}

/** What `/ready` of every process says. */
interface Readiness {
  ready: boolean;
  reason?: string;
  missing: CapabilityName[];
}

@Controller()
export class MetaController {
  constructor(
    @Inject(BUS) private readonly bus: RunEventBus,
    @Inject(METRICS) private readonly metrics: Registry,
    @Inject(Capabilities) private readonly capabilities: Capabilities,
    @Inject(AnswerWatch) private readonly postgres: AnswerWatch,
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

  /** Alive. With `check_db` also whether Postgres answers: within 4 s, or it counts as away. */
  @Public()
  @Get('ok')
  async ok(@ValidQuery(OkQuery) query: OkQuery): Promise<{ ok: true }> {
    if (query.check_db && !(await this.postgres.ask())) {
      throw new LongrunError(
        'POSTGRES_UNAVAILABLE',
        'Postgres does not answer: requests are refused until it does. The log of this process has the reason.',
      );
    }
    return { ok: true };
  }

  /** Ready: requests can be served. That needs Postgres; what else is missing is named, and done without. */
  @Public()
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    await this.capabilities.refresh();
    const { missing } = this.capabilities;
    if (!missing.includes('postgres')) return { ready: true, missing };
    void reply.status(503);
    return { ready: false, reason: 'Postgres does not answer', missing };
  }

  @Public()
  @Get('info')
  info(): object {
    return {
      version: serverVersion,
      langgraph_js_version: langgraphVersion,
      context: 'js',
      flags: {
        assistants: true,
        crons: true,
        langsmith: false,
        langsmith_tracing_replicas: false,
        strict_resume: true,
        stream_namespaces: true,
      },
      longrun: { version: serverVersion, events: this.bus.isLive ? 'pushed' : 'polled' },
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
