/**
 * Deleting an assistant with all that belongs to it.
 */
import { Inject, Injectable } from '@nestjs/common';
import { LongrunError } from '@longrun/contracts';
import { RunStore, type DeletedActiveRun } from '@longrun/runs';
import type pg from 'pg';
import { POOL } from '../tokens.js';
import { RunCancellation } from '../workers/run-cancellation.js';
import { assistantNotFound } from './assistants.service.js';
import { THREADS_OF_ASSISTANT } from './sql/threads-of-assistant.sql.js';
import { toAssistantId } from './system-assistant-id.js';
import { SystemAssistants } from './system-assistants.js';

const THREAD_BATCH = 100;

@Injectable()
export class AssistantDeletionService {
  constructor(
    @Inject(POOL) private readonly pool: pg.Pool,
    @Inject(RunStore) private readonly store: RunStore,
    @Inject(RunCancellation) private readonly cancellation: RunCancellation,
    @Inject(SystemAssistants) private readonly system: SystemAssistants,
  ) {}

  /**
   * Ends its active runs, then deletes its runs, its versions and itself. A deletion that was cut short leaves it hidden
   * and is completed by the next one.
   *
   * @param deleteThreads also the threads whose metadata name it: those whose newest run was its
   * @returns the id of the assistant
   * @throws LongrunError ASSISTANT_NOT_FOUND, ASSISTANT_IS_SYSTEM, ASSISTANT_BUSY
   */
  async delete(idOrGraph: string, deleteThreads: boolean): Promise<string> {
    const id = toAssistantId(idOrGraph);
    if (this.system.isSystem(id)) {
      throw new LongrunError(
        'ASSISTANT_IS_SYSTEM',
        `Assistant ${id} was made for a graph and cannot be deleted while langgraph.json names the graph.`,
      );
    }
    if (!(await this.store.hideAssistant(id))) throw assistantNotFound(idOrGraph);
    if (deleteThreads) await this.#deleteThreads(id);
    const outcome = await this.store.deleteAssistant(id, (run) => this.#tell(run));
    if (outcome === 'missing') throw assistantNotFound(idOrGraph);
    if (outcome === 'busy') {
      throw new LongrunError(
        'ASSISTANT_BUSY',
        'Runs of the assistant that were being created kept its rows. It is hidden; delete it again.',
      );
    }
    return id;
  }

  async #deleteThreads(assistantId: string): Promise<void> {
    const metadata = JSON.stringify({ assistant_id: assistantId });
    for (;;) {
      const { rows } = await this.pool.query<{ thread_id: string }>(THREADS_OF_ASSISTANT, [
        metadata,
        THREAD_BATCH,
      ]);
      for (const { thread_id: threadId } of rows) {
        for (const ended of (await this.store.hideThread(threadId)) ?? []) this.cancellation.announce(ended);
      }
      if (rows.length < THREAD_BATCH) return;
    }
  }

  #tell({ runId, threadId, finished, owner }: DeletedActiveRun): void {
    if (finished) this.cancellation.announce(finished);
    if (owner) this.cancellation.tellWorker({ runId, threadId, ...owner });
  }
}
