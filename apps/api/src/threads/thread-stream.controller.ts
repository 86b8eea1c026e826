/**
 * Route of a thread's stream: all its runs, for as long as the client stays.
 */
import { Controller, Get, Headers, Inject, Res } from '@nestjs/common';
import { IsIn, IsOptional } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { AsList } from '../http/field-rules.js';
import { Access } from '../auth/access.param.js';
import type { RequestAccess } from '../auth/request-access.js';
import { SseResponse } from '../http/sse-response.js';
import { UuidParam, ValidQuery } from '../http/validated.js';
import { parseThreadCursor } from './thread-cursor.js';
import { THREAD_STREAM_MODES, ThreadStreamService, type ThreadStreamMode } from './thread-stream.service.js';
import { ThreadsService } from './threads.service.js';

/** The platform reads `stream_modes`, the SDK sends `stream_mode`. */
export class ThreadStreamQuery {
  @IsOptional()
  @AsList()
  @IsIn(THREAD_STREAM_MODES, { each: true })
  stream_mode?: ThreadStreamMode[];

  @IsOptional()
  @AsList()
  @IsIn(THREAD_STREAM_MODES, { each: true })
  stream_modes?: ThreadStreamMode[];
}

@Controller('threads/:thread_id/stream')
export class ThreadStreamController {
  constructor(
    @Inject(ThreadsService) private readonly threads: ThreadsService,
    @Inject(ThreadStreamService) private readonly streams: ThreadStreamService,
  ) {}

  @Get()
  async stream(
    @UuidParam('thread_id') threadId: string,
    @ValidQuery(ThreadStreamQuery) query: ThreadStreamQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Access() access: RequestAccess,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const cursor = parseThreadCursor(lastEventId);
    await access.askForThread('threads:read', threadId);
    await this.threads.get(threadId);
    const asked = [...(query.stream_mode ?? []), ...(query.stream_modes ?? [])];
    const location = `/threads/${threadId}/stream`;
    const sse = new SseResponse(reply, { 'content-location': location, location });
    this.streams.start(sse, threadId, cursor, asked.length > 0 ? asked : ['run_modes']);
  }
}
