/**
 * Routes that create or change many runs at once.
 */
import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { Run } from '@longrun/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../auth/access.param.js';
import type { RequestAccess } from '../auth/request-access.js';
import { IGNORED_FIELDS_HEADER, ValidBody, ValidQuery } from '../http/validated.js';
import { toBatch } from './run-batch.js';
import { BULK_LIMIT, CancelManyDto, CancelManyQuery, RequeueDto } from './run-bulk.dto.js';
import { RunBulkService } from './run-bulk.service.js';
import { RunCreationService } from './run-creation.js';

@Controller('runs')
export class RunBulkController {
  constructor(
    @Inject(RunCreationService) private readonly creation: RunCreationService,
    @Inject(RunBulkService) private readonly bulk: RunBulkService,
  ) {}

  /** Stateless runs: all are created, or none. */
  @Post('batch')
  @HttpCode(200)
  createBatch(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Run[]> {
    const { dtos, ignored } = toBatch(request.body);
    if (ignored.length > 0) void reply.header(IGNORED_FIELDS_HEADER, ignored.join(', '));
    return this.creation.createAll(dtos.map((dto) => ({ dto, threadId: null, request })));
  }

  @Post('cancel')
  @HttpCode(204)
  async cancelMany(
    @ValidBody(CancelManyDto) dto: CancelManyDto,
    @ValidQuery(CancelManyQuery) { action = 'interrupt' }: CancelManyQuery,
    @Access() access: RequestAccess,
  ): Promise<void> {
    await this.bulk.cancelMany(dto, access, { action, reason: `cancelled by a client (action ${action})` });
  }

  /** New runs from ended ones. Not of the platform. */
  @Post('requeue')
  @HttpCode(200)
  async requeue(@ValidBody(RequeueDto) dto: RequeueDto, @Req() request: FastifyRequest): Promise<Run[]> {
    const { access } = request;
    const { thread_id, assistant_id, metadata } = dto;
    const meant = await access.ask('threads:create_run', {
      thread_id,
      assistant_id,
      metadata: { ...metadata },
    });
    return this.creation.createFrom(request, () => this.bulk.requeueInputs(dto, access, meant), BULK_LIMIT);
  }
}
