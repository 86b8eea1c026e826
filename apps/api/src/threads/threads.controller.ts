/**
 * Routes of threads.
 */
import { Controller, Delete, Get, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { Thread } from '@longrun/contracts';
import type { FastifyReply } from 'fastify';
import { paginate, pick } from '../http/pagination.js';
import { UuidParam, ValidBody } from '../http/validated.js';
import { ThreadCreateDto, ThreadSearchDto } from './thread.dto.js';
import { ThreadsService } from './threads.service.js';

@Controller('threads')
export class ThreadsController {
  constructor(@Inject(ThreadsService) private readonly threads: ThreadsService) {}

  @Post()
  @HttpCode(200)
  create(@ValidBody(ThreadCreateDto) dto: ThreadCreateDto): Promise<Thread> {
    return this.threads.create(dto);
  }

  @Post('search')
  @HttpCode(200)
  async search(
    @ValidBody(ThreadSearchDto) dto: ThreadSearchDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Partial<Thread>[]> {
    const { threads, total } = await this.threads.search(dto);
    paginate(reply, { total, offset: dto.offset ?? 0, count: threads.length });
    return threads.map((thread) => pick(thread, dto.select ?? undefined));
  }

  @Get(':thread_id')
  get(@UuidParam('thread_id') threadId: string): Promise<Thread> {
    return this.threads.get(threadId);
  }

  @Delete(':thread_id')
  @HttpCode(204)
  async delete(@UuidParam('thread_id') threadId: string): Promise<void> {
    await this.threads.delete(threadId);
  }
}
