/**
 * `POST /internal/truncate`: deletes what tests have made. Not there unless LONGRUN_TESTING=true.
 */
import { Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { inTransaction } from '@longrun/database';
import { IsBoolean, IsOptional } from 'class-validator';
import type pg from 'pg';
import { Access } from '../auth/access.param.js';
import { AccessRefused } from '../auth/access-refused.js';
import type { RequestAccess } from '../auth/request-access.js';
import { SystemAssistants } from '../assistants/system-assistants.js';
import { ValidBody } from '../http/validated.js';
import { POOL } from '../tokens.js';

/** Which parts to delete, as on the platform. Runs go with their threads and their assistants. */
export class TruncateDto {
  @IsOptional()
  @IsBoolean()
  runs?: boolean;

  @IsOptional()
  @IsBoolean()
  threads?: boolean;

  @IsOptional()
  @IsBoolean()
  assistants?: boolean;

  @IsOptional()
  @IsBoolean()
  checkpointer?: boolean;

  @IsOptional()
  @IsBoolean()
  store?: boolean;
}

const TABLES: Record<keyof TruncateDto, string> = {
  runs: 'run, run_event, webhook_delivery, idempotency_key',
  threads: 'thread, run, run_event, webhook_delivery, idempotency_key',
  assistants: 'assistant, run, run_event, webhook_delivery, idempotency_key',
  checkpointer: 'langgraph.checkpoints, langgraph.checkpoint_blobs, langgraph.checkpoint_writes',
  store: 'langgraph.store',
};

@Controller('internal/truncate')
export class TruncateController {
  constructor(
    @Inject(POOL) private readonly pool: pg.Pool,
    @Inject(SystemAssistants) private readonly assistants: SystemAssistants,
  ) {}

  @Post()
  @HttpCode(200)
  async truncate(
    @ValidBody(TruncateDto) dto: TruncateDto,
    @Access() access: RequestAccess,
  ): Promise<{ ok: true }> {
    // It is everybody's: only who may delete everything may delete this.
    if (await access.ask('threads:delete', {})) throw new AccessRefused(403, 'Forbidden');
    const parts = (Object.keys(TABLES) as (keyof TruncateDto)[]).filter((part) => dto[part]);
    const tables = new Set(parts.flatMap((part) => TABLES[part].split(', ')));
    if (tables.size > 0) {
      await inTransaction(this.pool, (client) => client.query(`TRUNCATE ${[...tables].join(', ')} CASCADE`));
    }
    if (dto.assistants) await this.assistants.register();
    return { ok: true };
  }
}
