/**
 * Whether this process is alive, and ready.
 */
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { LongrunError } from '@longrun/contracts';
import type { RunEventBus } from '@longrun/runs';
import {
  AnswerWatch,
  Capabilities,
  readinessOf,
  streamingBackend,
  type Readiness,
} from '@longrun/service-kit';
import { IsBoolean, IsOptional } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/public.js';
import { AsBoolean } from '../http/field-rules.js';
import { ValidQuery } from '../http/validated.js';
import { ApiConfig } from '../config/api-config.js';
import { BUS } from '../tokens.js';

export class OkQuery {
  @IsOptional()
  @AsBoolean()
  @IsBoolean()
  check_db?: boolean;
}

@Controller()
export class HealthController {
  constructor(
    @Inject(Capabilities) private readonly capabilities: Capabilities,
    @Inject(AnswerWatch) private readonly postgres: AnswerWatch,
    @Inject(BUS) private readonly bus: RunEventBus,
    @Inject(ApiConfig) private readonly config: ApiConfig,
  ) {}

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

  /** Alive, whatever is away: a restart would mend nothing. */
  @Public()
  @Get('health/live')
  live(): { ok: true } {
    return { ok: true };
  }

  /** Ready: requests can be served. That needs Postgres; what else is missing is named, and done without. */
  @Public()
  @Get(['ready', 'health/ready'])
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    await this.capabilities.refresh();
    const { missing } = this.capabilities;
    const isAway = missing.includes('postgres');
    if (isAway) void reply.status(503);
    const streaming = streamingBackend(this.config.STREAMING_BACKEND === 'memory', this.bus.isLive);
    return readinessOf(missing, streaming, isAway ? 'Postgres does not answer' : undefined);
  }
}
