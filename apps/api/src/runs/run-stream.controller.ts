/**
 * Routes that stream a run's events: create-and-stream, and join.
 *
 * Hop 6 of a run's way, through `run-stream.service.ts`. Before: `packages/runs/src/run-event-log/run-event-hub.ts`. After: the
 * client. Create-and-stream is also hop 1, as in `runs.controller.ts`.
 */
import { Controller, Get, Headers, Inject, Post, Res } from '@nestjs/common';
import { isLongrunError, LongrunError, STREAM_MODES, type StreamMode } from '@longrun/contracts';
import { RunEventHub } from '@longrun/runs';
import { IsBoolean, IsIn, IsOptional, IsString } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Access } from '../auth/access.param.js';
import type { RequestAccess } from '../auth/request-access.js';
import { AsBoolean, AsList, AsTexts } from '../http/field-rules.js';
import { SseResponse } from '../http/sse-response.js';
import { UuidParam, ValidQuery } from '../http/validated.js';
import { RunCreationService, type RunCreation } from './run-creation.js';
import { StatelessRun, ThreadRun } from './run-creation.param.js';
import { RunStreamService } from './run-stream.service.js';
import { runHeaders } from './run-headers.js';
import { runNotFound, RunsRepository, type LocatedRun } from './runs.repository.js';

export class StreamQuery {
  /** Events of these graphs of the run only: "" for the root. */
  @IsOptional()
  @AsTexts()
  @IsString({ each: true })
  namespace?: string[];
}

export class JoinStreamQuery extends StreamQuery {
  @IsOptional()
  @AsBoolean()
  @IsBoolean()
  cancel_on_disconnect?: boolean;

  @IsOptional()
  @AsList()
  @IsIn(STREAM_MODES, { each: true })
  stream_mode?: StreamMode[];
}

@Controller()
export class RunStreamController {
  constructor(
    @Inject(RunCreationService) private readonly creation: RunCreationService,
    @Inject(RunStreamService) private readonly streams: RunStreamService,
    @Inject(RunEventHub) private readonly hub: RunEventHub,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
  ) {}

  @Post('threads/:thread_id/runs/stream')
  createOnThread(
    @ThreadRun() creation: RunCreation,
    @ValidQuery(StreamQuery) query: StreamQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.#createAndStream(creation, query, reply);
  }

  @Post('runs/stream')
  createStateless(
    @StatelessRun() creation: RunCreation,
    @ValidQuery(StreamQuery) query: StreamQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.#createAndStream(creation, query, reply);
  }

  @Get('threads/:thread_id/runs/:run_id/stream')
  joinOnThread(
    @UuidParam('thread_id') threadId: string,
    @UuidParam('run_id') runId: string,
    @ValidQuery(JoinStreamQuery) query: JoinStreamQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Access() access: RequestAccess,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.#join({ runId, threadId, query, lastEventId }, access, reply);
  }

  @Get('runs/:run_id/stream')
  joinStateless(
    @UuidParam('run_id') runId: string,
    @ValidQuery(JoinStreamQuery) query: JoinStreamQuery,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Access() access: RequestAccess,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.#join({ runId, query, lastEventId }, access, reply);
  }

  async #createAndStream(creation: RunCreation, query: StreamQuery, reply: FastifyReply): Promise<void> {
    const { dto, threadId } = creation;
    const { run, reader } = await this.creation.createAndRead(creation);
    const sse = new SseResponse(reply, runHeaders(run, threadId === null, 'stream'));
    this.streams.start(sse, reader, {
      runId: run.run_id,
      threadId: run.thread_id,
      withIds: threadId !== null || dto.stream_resumable === true,
      namespaces: query.namespace,
      cancelOnDisconnect: dto.on_disconnect === 'cancel',
    });
  }

  async #join(
    join: { runId: string; threadId?: string; query: JoinStreamQuery; lastEventId: string | undefined },
    access: RequestAccess,
    reply: FastifyReply,
  ): Promise<void> {
    const { runId, query } = join;
    const cursor = parseCursor(join.lastEventId);
    // Opened first: it subscribes while the run is looked up.
    const reader = this.hub.open(runId, cursor);
    const run = await this.#locate(runId, join.threadId, access).catch((error: unknown) => {
      reader.close();
      if (isLongrunError(error, 'RUN_NOT_FOUND')) return null;
      throw error;
    });
    if (!run) {
      // As the platform does: the answer of this route is always a stream.
      const sse = new SseResponse(reply, {});
      sse.writeNotice({
        event: 'error',
        data: JSON.stringify({ error: 'RunNotFound', message: 'Run not found' }),
      });
      sse.end();
      return;
    }
    if (cursor >= 0 && cursor > run.lastSeq) {
      reader.close();
      throw new LongrunError('VALIDATION_FAILED', `Last-Event-ID: the run has no event ${cursor}`, {
        details: { field: 'Last-Event-ID' },
      });
    }
    const ids = { run_id: runId, thread_id: run.threadId };
    const sse = new SseResponse(reply, runHeaders(ids, join.threadId === undefined, 'stream'));
    this.streams.start(sse, reader, {
      runId,
      threadId: run.threadId,
      withIds: true,
      modes: query.stream_mode,
      namespaces: query.namespace,
      cancelOnDisconnect: query.cancel_on_disconnect ?? false,
    });
  }

  /** @throws LongrunError RUN_NOT_FOUND, also when it is somebody else's */
  async #locate(runId: string, threadId: string | undefined, access: RequestAccess): Promise<LocatedRun> {
    await access.askForRun('threads:read', runId, () => runNotFound(runId));
    return this.runs.locate(runId, threadId);
  }
}

/** Without the header, and with -1, everything from the start. @throws LongrunError VALIDATION_FAILED */
function parseCursor(lastEventId: string | undefined): number {
  if (lastEventId === undefined || lastEventId === '' || lastEventId === '-') return -1;
  const cursor = Number(lastEventId);
  if (!Number.isSafeInteger(cursor) || cursor < -1) {
    throw new LongrunError(
      'VALIDATION_FAILED',
      `Last-Event-ID: must be the number of an event, not "${lastEventId.slice(0, 60)}"`,
      {
        details: { field: 'Last-Event-ID' },
      },
    );
  }
  return cursor;
}
