/**
 * Creates a run and wakes a worker: from a valid request to a committed row and a queue entry.
 */
import { Inject, Injectable } from '@nestjs/common';
import { LongrunError, type Run, type RunProtocol, testPoint } from '@longrun/contracts';
import { usualHeaders, type GraphRegistry } from '@longrun/graphs';
import { isForeignKeyViolation, isUniqueViolation } from '@longrun/database';
import {
  AssistantChangedError,
  RunEventHub,
  RunStore,
  parseRunLimits,
  toCreateRunInput,
  type CreatedRun,
  type CreateRunInput,
  type RunEventReader,
  type RunLimit,
  type RunQueue,
} from '@longrun/runs';
import { currentTraceparent, toTraceparent } from '@longrun/telemetry';
import type { FastifyRequest } from 'fastify';
import { v5 as idOfPart, v7 as newUuid } from 'uuid';
import { ApiConfig } from '../config/api-config.js';
import { AssistantsService } from '../assistants/assistants.service.js';
import { toAssistantId } from '../assistants/system-assistant-id.js';
import { IdempotencyService, type IdempotentId } from '../http/idempotency.service.js';
import { shownHeaders } from '../http/shown-headers.js';
import { CallerLimits } from '../limits/caller-limits.service.js';
import { refuseWebhook } from './refuse-webhook.js';
import { GRAPHS, QUEUE } from '../tokens.js';
import { RunCancellation } from '../workers/run-cancellation.js';
import type { RunCreateDto } from './run-create.dto.js';
import { RunsRepository } from './runs.repository.js';

/** Name of the index of run ids. */
const RUN_ID_TAKEN = 'run_pkey';

export interface RunCreation {
  dto: RunCreateDto;
  /** Null for a stateless run, which gets a thread of its own. */
  threadId: string | null;
  request: FastifyRequest;
  /** What its log is recorded for. Default: the stream modes of the request. */
  protocol?: RunProtocol;
}

@Injectable()
export class RunCreationService {
  private readonly limits: readonly RunLimit[];

  constructor(
    @Inject(RunStore) private readonly store: RunStore,
    @Inject(QUEUE) private readonly queue: RunQueue,
    @Inject(RunEventHub) private readonly hub: RunEventHub,
    @Inject(AssistantsService) private readonly assistants: AssistantsService,
    @Inject(RunCancellation) private readonly cancellation: RunCancellation,
    @Inject(RunsRepository) private readonly runs: RunsRepository,
    @Inject(IdempotencyService) private readonly idempotency: IdempotencyService,
    @Inject(CallerLimits) private readonly callerLimits: CallerLimits,
    @Inject(GRAPHS) private readonly registry: GraphRegistry,
    @Inject(ApiConfig) config: ApiConfig,
  ) {
    this.limits = parseRunLimits(config.RUN_LIMITS);
  }

  /**
   * @throws LongrunError ASSISTANT_NOT_FOUND, THREAD_NOT_FOUND, THREAD_BUSY, IDEMPOTENCY_KEY_REUSED, RATE_LIMITED, RUN_QUOTA_EXCEEDED; no run is written then
   */
  async create(creation: RunCreation): Promise<Run> {
    const [run] = await this.createAll([creation]);
    if (!run) throw new LongrunError('INTERNAL', 'The run was not created.');
    return run;
  }

  /** The same for the runs of one request: all or none, and in their order. */
  async createAll(creations: readonly RunCreation[]): Promise<Run[]> {
    const [first] = creations;
    if (first) await this.callerLimits.takeRuns(first.request, creations.length);
    const ids = await Promise.all(
      creations.map(({ request }, part) =>
        this.idempotency.idFor('run', request, creations.length > 1 ? { part } : {}),
      ),
    );
    const requests = await Promise.all(
      creations.map((creation, i) => this.#ask(creation, ids[i]?.id ?? newUuid())),
    );
    const existing = ids.some(({ mayExist }) => mayExist)
      ? await this.runs.findAll(ids.map(({ id }) => id))
      : [];
    return existing.length > 0 ? existing : (await this.#create(requests, ids)).runs;
  }

  /**
   * Creates a run, with a reader from its first event on: it subscribes before the run exists, so that these need not be looked
   * for. Throws as `create`.
   */
  async createAndRead(creation: RunCreation): Promise<{ run: Run; reader: RunEventReader }> {
    await this.callerLimits.takeRuns(creation.request, 1);
    const id = await this.idempotency.idFor('run', creation.request);
    const request = await this.#ask(creation, id.id);
    const [existing] = id.mayExist ? await this.runs.findAll([id.id]) : [];
    if (existing) return { run: existing, reader: this.hub.open(id.id, -1) };
    const reader = await this.hub.listen(id.id);
    try {
      const { runs, areNew } = await this.#create([request], [id]);
      const [run] = runs;
      if (!run) throw new LongrunError('INTERNAL', 'The run was not created.');
      if (areNew) return { run, reader };
      reader.close();
      return { run, reader: this.hub.open(id.id, -1) };
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  /**
   * Creates runs that do not come from a body: `inputs` says which. Throws as `create`, and what `inputs` throws.
   *
   * @param most number of runs that `inputs` gives at most: a repeat of the request looks for as many
   */
  async createFrom(
    request: FastifyRequest,
    inputs: () => Promise<CreateRunInput[]>,
    most: number,
  ): Promise<Run[]> {
    const { id, mayExist } = await this.idempotency.idFor('run', request);
    const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => idOfPart(String(i), id));
    const existing = mayExist ? await this.runs.findAll(ids(most)) : [];
    if (existing.length > 0) return existing;
    const wanted = await inputs();
    await this.callerLimits.takeRuns(request, wanted.length);
    const own = ids(wanted.length);
    const traceparent = traceOf(request);
    const { runs } = await this.#createAll(
      wanted.map((input, i) => ({ ...input, runId: own[i] ?? newUuid(), traceparent })),
    );
    return runs;
  }

  /**
   * Asks whether the caller may create the run, which its handler may change.
   *
   * @throws AccessRefused; LongrunError THREAD_NOT_FOUND or ASSISTANT_NOT_FOUND for what is somebody else's
   */
  async #ask(creation: RunCreation, runId: string): Promise<RunCreation> {
    const { dto, threadId } = creation;
    const { access } = creation.request;
    refuseWebhook(dto, this.registry);
    if (!access.caller) return creation;
    await this.assistants.askForRun(dto.assistant_id, access);
    const value = wishOf(creation, runId);
    if (threadId === null) await access.ask('threads:create_run', value);
    else await access.askForThread('threads:create_run', threadId, value);
    const allowed = { ...dto, ...value.kwargs, metadata: value.metadata } as RunCreateDto;
    return { ...creation, dto: allowed };
  }

  async #create(
    creations: readonly RunCreation[],
    ids: readonly IdempotentId[],
    assistantsAnew = false,
  ): Promise<{ runs: Run[]; areNew: boolean }> {
    const inputs = await Promise.all(
      creations.map(async ({ dto, threadId, request, protocol }, i) => {
        const { assistant, stamp } = await this.assistants.getStamped(dto.assistant_id, assistantsAnew);
        const input = toCreateRunInput({
          runId: ids[i]?.id ?? newUuid(),
          threadId: threadId ?? newUuid(),
          isStateless: threadId === null,
          request: dto,
          assistant,
          // Read just now, it need not be compared: that could go on for ever.
          ...(assistantsAnew ? {} : { assistantStamp: stamp }),
          headers: shownHeaders(request.headers, this.registry.http.configurableHeaders ?? usualHeaders),
          identity: request.access.identity,
          limits: this.limits,
          protocol,
        });
        return { ...input, traceparent: traceOf(request) };
      }),
    );
    try {
      return await this.#createAll(inputs);
    } catch (error) {
      if (!(error instanceof AssistantChangedError)) throw error;
      return this.#create(creations, ids, true);
    }
  }

  async #createAll(inputs: readonly CreateRunInput[]): Promise<{ runs: Run[]; areNew: boolean }> {
    try {
      const created = await this.store.createAll(inputs);
      await testPoint('create:after-commit');
      this.#wake(created);
      return {
        runs: created.map((run) =>
          toRun(
            run,
            inputs.find(({ runId }) => runId === run.runId),
          ),
        ),
        areNew: true,
      };
    } catch (error) {
      if (isForeignKeyViolation(error)) {
        throw new LongrunError(
          'ASSISTANT_NOT_FOUND',
          'assistant_id: The assistant was deleted while the run was being created.',
          { cause: error, details: { field: 'assistant_id' } },
        );
      }
      if (!isUniqueViolation(error, RUN_ID_TAKEN)) throw error;
      // The same request was under way at the same time: its runs are the answer to both.
      return { runs: await this.runs.findAll(inputs.map(({ runId }) => runId)), areNew: false };
    }
  }

  #wake(created: readonly CreatedRun[]): void {
    // Not awaited: the runs are accepted, and an enqueueing that fails is repaired.
    const dispatches = created.flatMap(({ dispatch }) => (dispatch ? [dispatch] : []));
    if (dispatches.length > 0) void this.queue.enqueue(dispatches);
    for (const { ended, marked, threadId } of created) {
      for (const finished of ended) this.cancellation.announce(finished);
      for (const run of marked) this.cancellation.tellWorker({ ...run, threadId });
    }
  }
}

/** The trace that a run belongs to: that of the request's own span, or where nothing is recorded that of the client. */
function traceOf({ headers }: FastifyRequest): string | null {
  return currentTraceparent() ?? toTraceparent(headers['traceparent']);
}

/** What a handler is told of a run: names and shapes as on the platform. */
function wishOf({ dto, threadId }: RunCreation, runId: string) {
  const { input, command, config, context, stream_mode, interrupt_before, interrupt_after, webhook } = dto;
  return {
    thread_id: threadId,
    assistant_id: toAssistantId(dto.assistant_id),
    run_id: runId,
    status: 'pending',
    metadata: dto.metadata ?? {},
    prevent_insert_if_inflight: dto.multitask_strategy === 'reject',
    multitask_strategy: dto.multitask_strategy ?? 'enqueue',
    if_not_exists: dto.if_not_exists ?? 'reject',
    after_seconds: dto.after_seconds ?? 0,
    kwargs: { input, command, config, context, stream_mode, interrupt_before, interrupt_after, webhook },
  };
}

function toRun(created: CreatedRun, input: CreateRunInput | undefined): Run {
  return {
    run_id: created.runId,
    thread_id: created.threadId,
    assistant_id: input?.assistantId ?? '',
    created_at: created.createdAt.toISOString(),
    updated_at: created.updatedAt.toISOString(),
    status: 'pending',
    metadata: created.metadata,
    kwargs: created.kwargs,
    multitask_strategy: input?.multitaskStrategy ?? 'enqueue',
    cancel_reason: null,
  };
}
