/**
 * Routes of threads.
 */
import { Controller, Delete, Get, Headers, HttpCode, Inject, Patch, Post, Req, Res } from '@nestjs/common';
import type { Thread } from '@longrun/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../auth/access.param.js';
import type { RequestAccess } from '../auth/request-access.js';
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
    @Access() access: RequestAccess,
    @Req() request: FastifyRequest,
  ): Promise<Thread> {
    const proposed = dto.thread_id ?? undefined;
    const id = await this.idempotency.idFor('thread', request, { proposed });
    return this.threads.create(dto, id, access);
  }

  @Post('search')
  @HttpCode(200)
  async search(
    @ValidBody(ThreadSearchDto) dto: ThreadSearchDto,
    @Access() access: RequestAccess,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FoundThread[]> {
    const found = await this.finder.search(
      dto,
      await access.askToSearch('threads:search', dto),
      wantedPage(dto, prefer),
    );
    paginate(reply, found);
    return found.items;
  }

  @Post('count')
  @HttpCode(200)
  async count(
    @ValidBody(ThreadFilterDto) dto: ThreadFilterDto,
    @Access() access: RequestAccess,
  ): Promise<number> {
    return this.finder.count(dto, await access.askToSearch('threads:search', dto));
  }

  @Post('prune')
  @HttpCode(200)
  async prune(
    @ValidBody(ThreadPruneDto) dto: ThreadPruneDto,
    @Access() access: RequestAccess,
  ): Promise<{ pruned_count: number }> {
    return { pruned_count: await this.threads.prune(dto, access) };
  }

  @Get(':thread_id')
  async get(
    @UuidParam('thread_id') threadId: string,
    @ValidQuery(ThreadGetQuery) query: ThreadGetQuery,
    @Access() access: RequestAccess,
  ): Promise<Thread> {
    await access.askForThread('threads:read', threadId);
    return this.threads.get(threadId, query.include?.includes('ttl'));
  }

  @Patch(':thread_id')
  async patch(
    @UuidParam('thread_id') threadId: string,
    @ValidBody(ThreadPatchDto) dto: ThreadPatchDto,
    @Access() access: RequestAccess,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Thread | undefined> {
    const wish = { thread_id: threadId, metadata: dto.metadata ?? {}, ttl: dto.ttl };
    await access.askForThread('threads:update', threadId, wish);
    await this.threads.patch(threadId, { ...dto, metadata: wish.metadata });
    if (prefer?.includes('return=minimal')) {
      void reply.status(204);
      return undefined;
    }
    return this.threads.get(threadId, Boolean(dto.ttl));
  }

  @Delete(':thread_id')
  @HttpCode(204)
  async delete(@UuidParam('thread_id') threadId: string, @Access() access: RequestAccess): Promise<void> {
    await access.askForThread('threads:delete', threadId);
    await this.threads.delete(threadId);
  }

  @Post(':thread_id/copy')
  @HttpCode(200)
  async copy(
    @UuidParam('thread_id') threadId: string,
    @Access() access: RequestAccess,
    @Req() request: FastifyRequest,
  ): Promise<Thread> {
    return this.threads.copy(threadId, await this.idempotency.idFor('thread', request), access);
  }
}
