/**
 * Routes of runs that answer at once: create, list, get, delete.
 *
 * Hop 1 of a run's way, with `run-stream.controller.ts` and `run-wait.controller.ts`. Before: the client. After:
 * `packages/runs/src/run-store/run-store.ts` (create) and `packages/runs/src/run-queue/run-queue.ts` (enqueue), through
 * `run-creation.ts`.
 */
import { Controller, Delete, Get, Headers, HttpCode, Inject, Post, Res } from '@nestjs/common';
import { RUN_STATUSES, type Run, type RunStatus } from '@longrun/contracts';
import { RunStore } from '@longrun/runs';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Access } from '../auth/access.param.js';
import type { RequestAccess } from '../auth/request-access.js';
import { AsList, AsNumber, AsOffset } from '../http/field-rules.js';
import { paginate, pick, wantedPage } from '../http/pagination.js';
import { UuidParam, ValidQuery } from '../http/validated.js';
import { ThreadsService } from '../threads/threads.service.js';
import { RunCancellation } from '../workers/run-cancellation.js';
import { RunCreationService, type RunCreation } from './run-creation.js';
import { StatelessRun, ThreadRun } from './run-creation.param.js';
import { runHeaders } from './run-headers.js';
import { runNotFound, RunsRepository } from './runs.repository.js';

const FIELDS = [
  'run_id',
  'thread_id',
  'assistant_id',
  'created_at',
  'updated_at',
  'status',
  'metadata',
  'kwargs',
  'multitask_strategy',
  'cancel_reason',
] as const;

export class ListRunsQuery {
  @IsOptional()
  @AsNumber()
  @IsInt()
  @Min(1)
  @Max(1_000)
  limit?: number;

  @IsOptional()
  @AsOffset()
  @IsInt()
  @Min(0)
  offset?: number;

  @IsOptional()
  @IsIn(RUN_STATUSES)
  status?: RunStatus;

  @IsOptional()
  @AsList()
  @IsIn(FIELDS, { each: true })
  select?: string[];
}

@Controller()
export class RunsController {
  constructor(
    @Inject(RunCreationService) private readonly creation: RunCreationService,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(ThreadsService) private readonly threads: ThreadsService,
    @Inject(RunStore) private readonly store: RunStore,
    @Inject(RunCancellation) private readonly cancellation: RunCancellation,
  ) {}

  @Post('threads/:thread_id/runs')
  @HttpCode(200)
  createOnThread(
    @ThreadRun() creation: RunCreation,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Run> {
    return this.#create(creation, reply);
  }

  @Post('runs')
  @HttpCode(200)
  createStateless(
    @StatelessRun() creation: RunCreation,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Run> {
    return this.#create(creation, reply);
  }

  @Get('threads/:thread_id/runs')
  async list(
    @UuidParam('thread_id') threadId: string,
    @ValidQuery(ListRunsQuery) query: ListRunsQuery,
    @Access() access: RequestAccess,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Partial<Run>[]> {
    await access.askForThread('threads:read', threadId);
    await this.threads.get(threadId);
    const found = await this.runs.list(threadId, query.status, wantedPage(query, prefer));
    paginate(reply, found);
    return found.items.map((run) => pick(run, query.select));
  }

  @Get('threads/:thread_id/runs/:run_id')
  async get(
    @UuidParam('thread_id') threadId: string,
    @UuidParam('run_id') runId: string,
    @Access() access: RequestAccess,
  ): Promise<Run> {
    const wish = { thread_id: threadId, run_id: runId };
    await access.askForThread('threads:read', threadId, wish, () => runNotFound(runId));
    return this.runs.get(threadId, runId);
  }

  /** An active run is ended first; the thread keeps its state. */
  @Delete('threads/:thread_id/runs/:run_id')
  @HttpCode(204)
  async delete(
    @UuidParam('thread_id') threadId: string,
    @UuidParam('run_id') runId: string,
    @Access() access: RequestAccess,
  ): Promise<void> {
    const wish = { thread_id: threadId, run_id: runId };
    await access.askForThread('threads:delete', threadId, wish, () => runNotFound(runId));
    await this.runs.get(threadId, runId);
    const deleted = await this.store.delete(runId, threadId);
    if (!deleted) throw runNotFound(runId);
    if (deleted.finished) this.cancellation.announce(deleted.finished);
  }

  async #create(creation: RunCreation, reply: FastifyReply): Promise<Run> {
    const run = await this.creation.create(creation);
    void reply.headers(runHeaders(run, creation.threadId === null, null));
    return run;
  }
}
