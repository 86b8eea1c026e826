/**
 * Whether this process is alive, and ready.
 */
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { LongrunError } from '@longrun/contracts';
import { AnswerWatch, Capabilities, type CapabilityName } from '@longrun/service-kit';
import { IsBoolean, IsOptional } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/public.js';
import { AsBoolean } from '../http/field-rules.js';
import { ValidQuery } from '../http/validated.js';

export class OkQuery {
  @IsOptional()
  @AsBoolean()
  @IsBoolean()
  check_db?: boolean;
}

/** What `/ready` of every process says. */
interface Readiness {
  ready: boolean;
  reason?: string;
  missing: CapabilityName[];
}

@Controller()
export class HealthController {
  constructor(
    @Inject(Capabilities) private readonly capabilities: Capabilities,
    @Inject(AnswerWatch) private readonly postgres: AnswerWatch,
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
}
