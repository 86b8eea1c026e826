/**
 * Acts on many runs: cancels those that a filter means, and starts ended ones anew. A page at a time, so that neither memory nor
 * a lock grows with their number.
 */
import { Inject, Injectable } from '@nestjs/common';
import {
  LongrunError,
  TERMINAL_RUN_STATUSES,
  type JsonObject,
  type RunStatus,
  type SqlCondition,
} from '@longrun/contracts';
import type { CancelWish, CreateRunInput } from '@longrun/runs';
import type pg from 'pg';
import { v7 as newUuid } from 'uuid';
import { AssistantsService } from '../assistants/assistants.service.js';
import type { RequestAccess } from '../auth/request-access.js';
import { POOL } from '../tokens.js';
import { RunCancellation } from '../workers/run-cancellation.js';
import { BULK_LIMIT, type CancelManyDto, type RequeueDto } from './run-bulk.dto.js';
import { runNotFound, RunsRepository, type RequeuableRun } from './runs.repository.js';
import { findRuns, type FoundRunRow } from './sql/find-runs.sql.js';

const PAGE = 500;
/** Cancels under way at a time: each is a short transaction on a thread of its own. */
const AT_ONCE = 8;

interface RunFilter {
  statuses: readonly RunStatus[];
  threadId?: string | null | undefined;
  assistantId?: string | null | undefined;
  metadata?: JsonObject | null | undefined;
  /** The threads whose runs the caller may know of; null for all. */
  meant: SqlCondition | null;
}

@Injectable()
export class RunBulkService {
  constructor(
    @Inject(POOL) private readonly pool: pg.Pool,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(RunCancellation) private readonly cancellation: RunCancellation,
    @Inject(AssistantsService) private readonly assistants: AssistantsService,
  ) {}

  /**
   * Cancels; resolves when every cancel is durable.
   *
   * @throws LongrunError VALIDATION_FAILED when it is not clear which runs are meant, RUN_NOT_FOUND for an id the thread does not have:
   * or that is somebody else's: nothing is cancelled then
   */
  async cancelMany(dto: CancelManyDto, access: RequestAccess, wish: CancelWish): Promise<void> {
    const byId = Boolean(dto.run_ids) && Boolean(dto.thread_id);
    if (byId === Boolean(dto.status) || (byId && (dto.assistant_id || dto.metadata))) {
      throw invalid('status', 'send either thread_id with run_ids, or status with an optional filter');
    }
    const meant = await access.ask('threads:update', {
      thread_id: dto.thread_id,
      action: wish.action,
      metadata: { run_ids: dto.run_ids, status: dto.status },
    });
    if (dto.run_ids && dto.thread_id) {
      const threadId = dto.thread_id;
      const ids = [...new Set(dto.run_ids.map((id) => id.toLowerCase()))];
      const [refused] = await access.refusedOf('run', ids, meant);
      if (refused !== undefined) throw runNotFound(refused);
      await Promise.all(ids.map((id) => this.runs.locate(id, threadId)));
      return this.#cancelEach(
        ids.map((id) => ({ run_id: id, thread_id: threadId })),
        wish,
      );
    }
    const status = dto.status ?? 'all';
    const statuses: RunStatus[] = status === 'all' ? ['pending', 'running'] : [status];
    const assistantId = await this.#assistantId(dto.assistant_id, access);
    const filter = { statuses, threadId: dto.thread_id, assistantId, metadata: dto.metadata, meant };
    for await (const page of this.#pages(filter)) await this.#cancelEach(page, wish);
  }

  /**
   * What creates new runs from ended ones, with the request of each, its thread and its metadata, and where it came from under
   * `requeued_from`.
   *
   * @param meant the threads in which the caller may create runs; null for all
   * @throws LongrunError VALIDATION_FAILED without a filter, RUN_NOT_FOUND for an unknown id, RUN_ACTIVE for one that has not ended
   */
  async requeueInputs(
    dto: RequeueDto,
    access: RequestAccess,
    meant: SqlCondition | null,
  ): Promise<CreateRunInput[]> {
    const isFiltered = dto.status ?? dto.thread_id ?? dto.assistant_id ?? dto.metadata;
    if (Boolean(dto.run_ids) === Boolean(isFiltered)) {
      throw invalid(
        'run_ids',
        'send either run_ids, or a filter of status, thread_id, assistant_id, metadata',
      );
    }
    const ids = dto.run_ids ?? (await this.#ended(dto, access, meant));
    const refused = await access.refusedOf('run', dto.run_ids ?? [], meant);
    const runs = (await this.runs.requeuable(ids)).filter(({ runId }) => !refused.has(runId));
    const found = new Map(runs.map((run) => [run.runId, run]));
    return ids.map((id) => {
      const run = found.get(id.toLowerCase());
      if (!run) throw new LongrunError('RUN_NOT_FOUND', `Run ${id} not found`, { details: { run_id: id } });
      if (!(TERMINAL_RUN_STATUSES as readonly string[]).includes(run.status)) {
        throw new LongrunError(
          'RUN_ACTIVE',
          `run_ids: run ${id} is ${run.status}; only ended runs can be requeued`,
          {
            details: { field: 'run_ids', run_id: id },
          },
        );
      }
      return toInput(run);
    });
  }

  async #ended(dto: RequeueDto, access: RequestAccess, meant: SqlCondition | null): Promise<string[]> {
    const statuses = dto.status ?? TERMINAL_RUN_STATUSES;
    const assistantId = await this.#assistantId(dto.assistant_id, access);
    const filter = { statuses, threadId: dto.thread_id, assistantId, metadata: dto.metadata, meant };
    return (await this.#page(filter, null, dto.limit ?? BULK_LIMIT)).map((run) => run.run_id);
  }

  async #assistantId(name: string | null | undefined, access: RequestAccess): Promise<string | null> {
    if (name) await this.assistants.askForRun(name, access);
    return name ? (await this.assistants.getForRun(name)).assistant_id : null;
  }

  async *#pages(filter: RunFilter): AsyncGenerator<FoundRunRow[]> {
    let after: string | null = null;
    for (;;) {
      const page: FoundRunRow[] = await this.#page(filter, after, PAGE);
      if (page.length > 0) yield page;
      if (page.length < PAGE) return;
      after = page.at(-1)?.run_id ?? null;
    }
  }

  async #page(filter: RunFilter, after: string | null, limit: number): Promise<FoundRunRow[]> {
    const { statuses, threadId = null, assistantId = null, metadata, meant } = filter;
    const values: unknown[] = [
      statuses,
      after,
      threadId,
      assistantId,
      metadata ? JSON.stringify(metadata) : null,
      limit,
    ];
    const condition = meant ? meant('thread.metadata', (value) => `$${values.push(value)}`) : 'true';
    const { rows } = await this.pool.query<FoundRunRow>(findRuns(condition), values);
    return rows;
  }

  async #cancelEach(
    runs: readonly Pick<FoundRunRow, 'run_id' | 'thread_id'>[],
    wish: CancelWish,
  ): Promise<void> {
    const waiting = [...runs];
    const worker = async (): Promise<void> => {
      for (let run = waiting.shift(); run; run = waiting.shift()) {
        await this.cancellation.cancel(run.run_id, run.thread_id, wish);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }
}

function toInput(run: RequeuableRun): CreateRunInput {
  const { kwargs, metadata } = run;
  return {
    runId: newUuid(),
    // The thread of a stateless run goes with it: the new run gets one of its own.
    threadId: kwargs.temporary ? newUuid() : run.threadId,
    assistantId: run.assistantId,
    graphId: run.graphId,
    multitaskStrategy: 'enqueue',
    ifThreadMissing: kwargs.temporary ? 'create' : 'reject',
    temporaryThread: kwargs.temporary,
    afterSeconds: 0,
    priority: run.priority,
    webhook: run.webhook,
    metadata,
    threadMetadata: {},
    resolve: (thread) => ({
      kwargs,
      threadConfig: thread.config,
      metadata: { ...metadata, requeued_from: run.runId },
      limits: run.limits,
    }),
  };
}

function invalid(field: string, sentence: string): LongrunError {
  return new LongrunError('VALIDATION_FAILED', `${field}: ${sentence}`, { details: { field } });
}
