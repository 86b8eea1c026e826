/**
 * Routes of crons.
 */
import { Controller, Delete, Headers, HttpCode, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import type { Cron } from '@longrun/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../auth/access.param.js';
import type { RequestAccess } from '../auth/request-access.js';
import { IdempotencyService } from '../http/idempotency.service.js';
import { paginate, pick, wantedPage } from '../http/pagination.js';
import { UuidParam, ValidBody } from '../http/validated.js';
import { CronCountDto, CronCreateDto, CronSearchDto, CronUpdateDto } from './cron.dto.js';
import { CronsService } from './crons.service.js';

@Controller()
export class CronsController {
  constructor(
    @Inject(CronsService) private readonly crons: CronsService,
    @Inject(IdempotencyService) private readonly idempotency: IdempotencyService,
  ) {}

  @Post('threads/:thread_id/runs/crons')
  @HttpCode(200)
  createOnThread(
    @UuidParam('thread_id') threadId: string,
    @ValidBody(CronCreateDto) dto: CronCreateDto,
    @Req() request: FastifyRequest,
  ): Promise<Cron> {
    return this.#create(threadId, dto, request);
  }

  @Post('runs/crons')
  @HttpCode(200)
  createStateless(
    @ValidBody(CronCreateDto) dto: CronCreateDto,
    @Req() request: FastifyRequest,
  ): Promise<Cron> {
    return this.#create(null, dto, request);
  }

  @Post('runs/crons/search')
  @HttpCode(200)
  async search(
    @ValidBody(CronSearchDto) dto: CronSearchDto,
    @Access() access: RequestAccess,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Partial<Cron>[]> {
    const found = await this.crons.search(
      dto,
      await access.askToSearch('crons:search', dto),
      wantedPage(dto, prefer),
    );
    paginate(reply, found);
    return found.items.map((cron) => pick(cron, dto.select ?? undefined));
  }

  @Post('runs/crons/count')
  @HttpCode(200)
  async count(@ValidBody(CronCountDto) dto: CronCountDto, @Access() access: RequestAccess): Promise<number> {
    return this.crons.count(dto, await access.askToSearch('crons:search', dto));
  }

  @Patch('runs/crons/:cron_id')
  async update(
    @UuidParam('cron_id') cronId: string,
    @ValidBody(CronUpdateDto) dto: CronUpdateDto,
    @Access() access: RequestAccess,
  ): Promise<Cron> {
    const { schedule, metadata, ...payload } = dto;
    const wish = { cron_id: cronId, schedule, payload, metadata: metadata ?? {} };
    await access.askForCron('crons:update', cronId, wish);
    const isNarrowed = Object.keys(wish.metadata).length > 0;
    return this.crons.update(cronId, isNarrowed ? { ...dto, metadata: wish.metadata } : dto);
  }

  @Delete('runs/crons/:cron_id')
  @HttpCode(204)
  async delete(@UuidParam('cron_id') cronId: string, @Access() access: RequestAccess): Promise<void> {
    await access.askForCron('crons:delete', cronId);
    await this.crons.delete(cronId);
  }

  async #create(threadId: string | null, dto: CronCreateDto, request: FastifyRequest): Promise<Cron> {
    const { id } = await this.idempotency.idFor('cron', request);
    return this.crons.create(id, threadId, dto, request.access);
  }
}
