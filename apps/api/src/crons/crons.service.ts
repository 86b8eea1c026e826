/**
 * From the body of a request to a cron and back. The crons themselves: `packages/runs/src/crons`.
 */
import { Inject, Injectable } from '@nestjs/common';
import { LongrunError, type Cron, type SqlCondition } from '@longrun/contracts';
import type { GraphRegistry } from '@longrun/graphs';
import { CronStore, type CronFilter, type CronSettings, type RunRequest } from '@longrun/runs';
import { AssistantsService } from '../assistants/assistants.service.js';
import { toAssistantId } from '../assistants/system-assistant-id.js';
import type { RequestAccess } from '../auth/request-access.js';
import { readPage, type FoundPage, type WantedPage } from '../http/pagination.js';
import type { RunPayloadDto } from '../runs/run-payload.dto.js';
import { refuseWebhook } from '../runs/refuse-webhook.js';
import { ThreadsService } from '../threads/threads.service.js';
import { GRAPHS } from '../tokens.js';
import type { CronCountDto, CronCreateDto, CronSearchDto, CronUpdateDto } from './cron.dto.js';

@Injectable()
export class CronsService {
  constructor(
    @Inject(CronStore) private readonly crons: CronStore,
    @Inject(AssistantsService) private readonly assistants: AssistantsService,
    @Inject(ThreadsService) private readonly threads: ThreadsService,
    @Inject(GRAPHS) private readonly registry: GraphRegistry,
  ) {}

  /**
   * @param threadId null: every tick gets a thread of its own
   * @throws LongrunError VALIDATION_FAILED, ASSISTANT_NOT_FOUND, THREAD_NOT_FOUND
   */
  async create(
    id: string,
    threadId: string | null,
    dto: CronCreateDto,
    access: RequestAccess,
  ): Promise<Cron> {
    refuseWebhook(dto, this.registry);
    const { schedule, end_time } = dto;
    const metadata = dto.metadata ?? {};
    const user = { user_id: access.caller?.user.identity };
    const wish = {
      cron_id: id,
      thread_id: threadId,
      schedule,
      end_time,
      metadata,
      payload: payloadOf(dto),
      ...user,
    };
    await access.ask('crons:create', wish);
    await this.assistants.askForRun(dto.assistant_id, access);
    if (threadId !== null) await access.askForThread('threads:create_run', threadId);
    const assistant = await this.assistants.getForRun(dto.assistant_id);
    if (threadId !== null) {
      await this.threads.get(threadId);
      refuseDeletion(dto);
    }
    return this.crons.create({
      id,
      assistantId: assistant.assistant_id,
      threadId,
      schedule: dto.schedule,
      timezone: dto.timezone ?? null,
      endTime: toDate(dto.end_time ?? null),
      enabled: dto.enabled ?? true,
      onRunCompleted: dto.on_run_completed ?? (threadId === null ? 'delete' : 'keep'),
      payload: wish.payload,
      metadata: wish.metadata,
      identity: access.caller ? access.identity : null,
    });
  }

  /** @throws LongrunError NOTHING_TO_UPDATE, CRON_NOT_FOUND, VALIDATION_FAILED */
  async update(cronId: string, dto: CronUpdateDto): Promise<Cron> {
    refuseWebhook(dto, this.registry);
    if (!Object.values(dto).some((value) => value !== undefined)) {
      throw new LongrunError('NOTHING_TO_UPDATE', 'The body names no field of a cron that can be changed.');
    }
    const settings: Partial<CronSettings> = {
      ...(dto.schedule ? { schedule: dto.schedule } : {}),
      ...(dto.timezone === undefined ? {} : { timezone: dto.timezone }),
      ...(dto.end_time === undefined ? {} : { endTime: toDate(dto.end_time) }),
      ...(typeof dto.enabled === 'boolean' ? { enabled: dto.enabled } : {}),
      ...(dto.on_run_completed ? { onRunCompleted: dto.on_run_completed } : {}),
    };
    return this.crons.update(
      cronId,
      { ...settings, payload: payloadOf(dto), metadata: dto.metadata ?? {} },
      ({ thread_id }) => {
        if (thread_id !== null) refuseDeletion(dto);
      },
    );
  }

  /** @throws LongrunError CRON_NOT_FOUND */
  delete(cronId: string): Promise<void> {
    return this.crons.delete(cronId);
  }

  /** @param meant the crons that the caller may know of; null for all */
  search(
    dto: CronSearchDto,
    meant: SqlCondition | null,
    page: WantedPage,
  ): Promise<FoundPage<Cron & { now?: string }>> {
    return readPage(
      page,
      (limit, offset) => this.#find(dto, meant, limit, offset),
      () => this.count(dto, meant),
    );
  }

  count(dto: CronCountDto, meant: SqlCondition | null): Promise<number> {
    return this.crons.count({ ...filterOf(dto), meant });
  }

  async #find(
    dto: CronSearchDto,
    meant: SqlCondition | null,
    limit: number,
    offset: number,
  ): Promise<(Cron & { now?: string })[]> {
    const { crons, now } = await this.crons.search(
      { ...filterOf(dto), meant },
      {
        sortBy: dto.sort_by ?? 'created_at',
        ascending: dto.sort_order === 'asc',
        limit,
        offset,
      },
    );
    const isNowWanted = dto.select?.includes('now') ?? false;
    return isNowWanted && now ? crons.map((cron) => ({ ...cron, now: now.toISOString() })) : crons;
  }
}

/** Metadata are the cron's own: every run gets them from there. */
function payloadOf(dto: RunPayloadDto): RunRequest {
  return {
    input: dto.input,
    config: dto.config,
    context: dto.context,
    stream_mode: dto.stream_mode,
    stream_subgraphs: dto.stream_subgraphs,
    stream_resumable: dto.stream_resumable,
    interrupt_before: dto.interrupt_before,
    interrupt_after: dto.interrupt_after,
    multitask_strategy: dto.multitask_strategy,
    durability: dto.durability,
    checkpoint_during: dto.checkpoint_during,
    webhook: dto.webhook,
    priority: dto.priority,
    retry_policy: dto.retry_policy,
  } as RunRequest;
}

function filterOf(dto: CronCountDto): Omit<CronFilter, 'meant'> {
  const assistant = dto.assistant_id ?? null;
  return {
    assistantId: assistant === null ? null : toAssistantId(assistant),
    threadId: dto.thread_id ?? null,
    enabled: dto.enabled ?? null,
    metadata: dto.metadata ?? null,
  };
}

/** A time without a zone is UTC, whatever the zone of this process. */
function toDate(time: string | null): Date | null {
  if (time === null) return null;
  const hasZone = /(?:z|[+-]\d\d(?::?\d\d)?)$/i.test(time) || !time.includes('T');
  const date = new Date(hasZone ? time : `${time}Z`);
  if (!Number.isNaN(date.getTime())) return date;
  throw new LongrunError(
    'VALIDATION_FAILED',
    'end_time: must be a time such as 2030-12-31T23:59:00Z, or null',
    {
      details: { field: 'end_time' },
    },
  );
}

function refuseDeletion({ on_run_completed: wish }: { on_run_completed?: string | null }): void {
  if (wish !== 'delete') return;
  throw new LongrunError(
    'VALIDATION_FAILED',
    'on_run_completed: delete is for crons without a thread of their own; this thread stays. Leave the field out, or say keep',
    { details: { field: 'on_run_completed' } },
  );
}
