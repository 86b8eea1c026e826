/**
 * Routes of threads.
 */
import { Controller, Delete, Get, Headers, HttpCode, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import type { Thread } from '@longrun/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IdempotencyService } from '../http/idempotency.service.js';
import { paginate, wantedPage } from '../http/pagination.js';
import { UuidParam, ValidBody, ValidQuery } from '../http/validated.js';
import {
  ThreadCreateDto,
  ThreadFilterDto,
  ThreadGetQuery,
  ThreadPatchDto,
  ThreadPruneDto,
  ThreadSearchDto,
} from './thread.dto.js';
import { ThreadSearchService, type FoundThread } from './thread-search.service.js';
import { ThreadsService } from './threads.service.js';

@Controller('threads')
export class ThreadsController {
  constructor(
    @Inject(ThreadsService) private readonly threads: ThreadsService,
    @Inject(ThreadSearchService) private readonly finder: ThreadSearchService,
    @Inject(IdempotencyService) private readonly idempotency: IdempotencyService,
  ) {}

  @Post()
  @HttpCode(200)
  async create(
    @ValidBody(ThreadCreateDto) dto: ThreadCreateDto,
    @Req() request: FastifyRequest,
  ): Promise<Thread> {
    const proposed = dto.thread_id ?? undefined;
    return this.threads.create(dto, await this.idempotency.idFor('thread', request, { proposed }));
  }

  @Post('search')
  @HttpCode(200)
  async search(
    @ValidBody(ThreadSearchDto) dto: ThreadSearchDto,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FoundThread[]> {
    const found = await this.finder.search(dto, wantedPage(dto, prefer));
    paginate(reply, found);
    return found.items;
  }

  @Post('count')
  @HttpCode(200)
  count(@ValidBody(ThreadFilterDto) dto: ThreadFilterDto): Promise<number> {
    return this.finder.count(dto);
  }

  @Post('prune')
  @HttpCode(200)
  async prune(@ValidBody(ThreadPruneDto) dto: ThreadPruneDto): Promise<{ pruned_count: number }> {
    return { pruned_count: await this.threads.prune(dto) };
  }

  @Get(':thread_id')
  get(
    @UuidParam('thread_id') threadId: string,
    @ValidQuery(ThreadGetQuery) query: ThreadGetQuery,
  ): Promise<Thread> {
    return this.threads.get(threadId, query.include?.includes('ttl'));
  }

  @Patch(':thread_id')
  async patch(
    @UuidParam('thread_id') threadId: string,
    @ValidBody(ThreadPatchDto) dto: ThreadPatchDto,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Thread | undefined> {
    await this.threads.patch(threadId, dto);
    if (prefer?.includes('return=minimal')) {
      void reply.status(204);
      return undefined;
    }
    return this.threads.get(threadId, Boolean(dto.ttl));
  }

  @Delete(':thread_id')
  @HttpCode(204)
  async delete(@UuidParam('thread_id') threadId: string): Promise<void> {
    await this.threads.delete(threadId);
  }

  @Post(':thread_id/copy')
  @HttpCode(200)
  async copy(@UuidParam('thread_id') threadId: string, @Req() request: FastifyRequest): Promise<Thread> {
    return this.threads.copy(threadId, await this.idempotency.idFor('thread', request));
  }
}
