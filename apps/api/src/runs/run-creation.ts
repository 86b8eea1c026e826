/**
 * Creates a run and wakes a worker: from a valid request to a committed row and a queue entry.
 */
import { Inject, Injectable } from '@nestjs/common';
import type { Run } from '@longrun/contracts';
import {
  RunEventHub,
  RunStore,
  toCreateRunInput,
  type CreatedRun,
  type RunEventReader,
  type RunQueue,
} from '@longrun/runs';
import { v7 as newUuid } from 'uuid';
import { AssistantsService } from '../assistants/assistants.service.js';
import { QUEUE } from '../tokens.js';
import { RunCancellation } from '../workers/run-cancellation.js';
import { configurableHeaders } from './configurable-headers.js';
import type { RunCreateDto } from './run-create.dto.js';

export interface RunCreation {
  dto: RunCreateDto;
  /** Null for a stateless run, which gets a thread of its own. */
  threadId: string | null;
  headers: Record<string, string | string[] | undefined>;
}

@Injectable()
export class RunCreationService {
  constructor(
    @Inject(RunStore) private readonly store: RunStore,
    @Inject(QUEUE) private readonly queue: RunQueue,
    @Inject(RunEventHub) private readonly hub: RunEventHub,
    @Inject(AssistantsService) private readonly assistants: AssistantsService,
    @Inject(RunCancellation) private readonly cancellation: RunCancellation,
  ) {}

  /**
   * @throws LongrunError ASSISTANT_NOT_FOUND, THREAD_NOT_FOUND, THREAD_BUSY; nothing is written then
   */
  create(creation: RunCreation): Promise<Run> {
    return this.#create(creation, newUuid());
  }

  /** The same, with a reader that subscribed before the run existed: its first events need not be looked for. */
  async createAndRead(creation: RunCreation): Promise<{ run: Run; reader: RunEventReader }> {
    const runId = newUuid();
    const reader = await this.hub.openBeforeCreate(runId);
    try {
      return { run: await this.#create(creation, runId), reader };
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  async #create(creation: RunCreation, runId: string): Promise<Run> {
    const { dto } = creation;
    const assistant = await this.assistants.getForRun(dto.assistant_id);
    const created = await this.store.create(
      toCreateRunInput({
        runId,
        threadId: creation.threadId ?? newUuid(),
        isStateless: creation.threadId === null,
        request: dto,
        assistant,
        headers: configurableHeaders(creation.headers),
      }),
    );
    this.#wake(created);
    return toRun(created, assistant.assistant_id, dto);
  }

  #wake(created: CreatedRun): void {
    // Not awaited: the run is accepted, and an enqueueing that fails is repaired.
    if (created.dispatch) void this.queue.enqueue([created.dispatch]);
    for (const ended of created.ended) this.cancellation.announce(ended);
    for (const marked of created.marked) {
      this.cancellation.tellWorker({ ...marked, threadId: created.threadId });
    }
  }
}

function toRun(created: CreatedRun, assistantId: string, dto: RunCreateDto): Run {
  return {
    run_id: created.runId,
    thread_id: created.threadId,
    assistant_id: assistantId,
    created_at: created.createdAt.toISOString(),
    updated_at: created.updatedAt.toISOString(),
    status: 'pending',
    metadata: created.metadata,
    kwargs: created.kwargs,
    multitask_strategy: dto.multitask_strategy ?? 'enqueue',
    cancel_reason: null,
  };
}
