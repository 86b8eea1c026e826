/**
 * Deleting an assistant with all that belongs to it.
 */
import { Inject, Injectable } from '@nestjs/common';
import { LongrunError, type SqlCondition } from '@longrun/contracts';
import { RunStore, type DeletedActiveRun } from '@longrun/runs';
import type pg from 'pg';
import { POOL } from '../tokens.js';
import { RunCancellation } from '../workers/run-cancellation.js';
import { assistantNotFound } from './assistant-not-found.js';
import { threadsOfAssistant } from './sql/threads-of-assistant.sql.js';
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
   * @param threads also the threads whose metadata name it, those whose newest run was its: those among them that the caller may delete
   * @returns the id of the assistant
   * @throws LongrunError ASSISTANT_NOT_FOUND, ASSISTANT_IS_SYSTEM, ASSISTANT_BUSY
   */
  async delete(idOrGraph: string, threads: { meant: SqlCondition | null } | null): Promise<string> {
    const id = toAssistantId(idOrGraph);
    if (this.system.isSystem(id)) {
      throw new LongrunError(
        'ASSISTANT_IS_SYSTEM',
        `Assistant ${id} was made for a graph and cannot be deleted while langgraph.json names the graph.`,
      );
    }
    if (!(await this.store.hideAssistant(id))) throw assistantNotFound(idOrGraph);
    if (threads) await this.#deleteThreads(id, threads.meant);
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

  async #deleteThreads(assistantId: string, meant: SqlCondition | null): Promise<void> {
    const { text, values } = threadsOfAssistant(assistantId, THREAD_BATCH, meant);
    for (;;) {
      const { rows } = await this.pool.query<{ thread_id: string }>(text, values);
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
