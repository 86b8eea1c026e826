/**
 * Writes the state of a thread outside of runs: updates, the steps that a new thread begins with, metadata of a checkpoint. Never
 * while a run is active: both would write the same state.
 */
import { Inject, Injectable } from '@nestjs/common';
import { isLongrunError, LongrunError, type CheckpointRef, type JsonObject } from '@longrun/contracts';
import { inTransaction, isPostgresUnavailable, isStatementError } from '@longrun/database';
import {
  applySupersteps,
  readThreadState,
  updateThreadState,
  type AskingFence,
  type GraphRegistry,
} from '@longrun/graphs';
import { toStorableJson, type RunEventBus } from '@longrun/runs';
import type { Logger } from '@longrun/service-kit';
import type pg from 'pg';
import { BUS, GRAPHS, LOGGER, POOL } from '../tokens.js';
import { LOCK_VISIBLE_THREAD, PATCH_CHECKPOINT, REFRESH_THREAD } from './sql/threads.sql.js';
import type { SuperstepDto, ThreadStateUpdateDto } from './thread.dto.js';
import { threadNotFound } from './thread-row.js';

const REFRESH_TRIES = 30;
const REFRESH_PAUSE_MS = 2_000;

/** Written by LangGraph alone. */
const RESERVED_METADATA = ['source', 'step', 'parents', 'writes', 'run_id', 'thread_id'];

@Injectable()
export class ThreadStateWriter {
  constructor(
    @Inject(POOL) private readonly pool: pg.Pool,
    @Inject(GRAPHS) private readonly registry: GraphRegistry,
    @Inject(BUS) private readonly bus: RunEventBus,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * Updates the state as if a node had.
   *
   * @returns the new checkpoint
   * @throws LongrunError THREAD_BUSY while a run is active, THREAD_NOT_FOUND, VALIDATION_FAILED for values that the graph does not take
   */
  async update(threadId: string, graphId: string, dto: ThreadStateUpdateDto): Promise<CheckpointRef | null> {
    const checkpoint =
      dto.checkpoint ?? (dto.checkpoint_id ? { checkpoint_id: dto.checkpoint_id } : undefined);
    const { checkpoint: written } = await asBadInput('values', () =>
      updateThreadState({
        ...this.#requestOf(threadId, graphId),
        values: dto.values ?? null,
        asNode: dto.as_node ?? undefined,
        checkpoint,
        fence: whileResting(threadId),
      }),
    );
    await this.refreshSoon(threadId, graphId);
    return written;
  }

  /** Gives a new thread its first states. Throws as `update`. */
  async begin(threadId: string, graphId: string, supersteps: readonly SuperstepDto[]): Promise<void> {
    await asBadInput('supersteps', () =>
      applySupersteps({
        ...this.#requestOf(threadId, graphId),
        supersteps: supersteps.map(({ updates }) =>
          updates.map(({ values, command, as_node: asNode }) => ({ values, command, asNode })),
        ),
        fence: whileResting(threadId),
      }),
    );
    await this.refreshSoon(threadId, graphId);
  }

  /**
   * Merges into the metadata of the newest checkpoint.
   *
   * @throws LongrunError CHECKPOINT_NOT_FOUND, THREAD_BUSY, VALIDATION_FAILED for keys of LangGraph's own
   */
  async patchMetadata(threadId: string, metadata: JsonObject): Promise<void> {
    const reserved = Object.keys(metadata).filter((key) => RESERVED_METADATA.includes(key));
    if (reserved.length > 0) {
      throw new LongrunError('VALIDATION_FAILED', `metadata: ${reserved.join(', ')} cannot be set`, {
        details: { field: 'metadata' },
      });
    }
    const patched = await inTransaction(this.pool, async (client) => {
      await whileResting(threadId)(client);
      return client.query(PATCH_CHECKPOINT, [threadId, JSON.stringify(metadata)]);
    });
    if (patched.rowCount === 0) {
      throw new LongrunError('CHECKPOINT_NOT_FOUND', `Thread ${threadId} has no state yet`);
    }
  }

  /**
   * The state is written: what fails from here on must not look as if it were not, or the client would write it again. The row is a
   * copy, and is brought up to date when Postgres answers again, or by the next run.
   */
  async refreshSoon(threadId: string, graphId: string, triesLeft = REFRESH_TRIES): Promise<void> {
    try {
      await this.#refresh(threadId, graphId);
    } catch (error) {
      const level = isPostgresUnavailable(error) ? 'debug' : 'warn';
      this.log[level]({ threadId, triesLeft, err: error }, 'row of an updated thread could not be refreshed');
      if (triesLeft > 0) {
        setTimeout(() => void this.refreshSoon(threadId, graphId, triesLeft - 1), REFRESH_PAUSE_MS).unref();
      }
    }
  }

  /** Brings the thread's row to what its newest checkpoint says, unless somebody else has by then. */
  async #refresh(threadId: string, graphId: string): Promise<void> {
    const state = await readThreadState(this.#requestOf(threadId, graphId));
    if (!state?.checkpoint) return;
    const asking = state.tasks.filter((task) => task.interrupts.length > 0);
    await this.pool.query(REFRESH_THREAD, [
      threadId,
      state.checkpoint.checkpoint_id,
      state.next.length > 0 ? 'interrupted' : 'idle',
      toStorableJson(state.values ?? null),
      toStorableJson(Object.fromEntries(asking.map((task) => [task.id, task.interrupts]))),
    ]);
    this.bus.tellThread(threadId, 'state');
  }

  #requestOf(
    threadId: string,
    graphId: string,
  ): {
    registry: GraphRegistry;
    pool: pg.Pool;
    threadId: string;
    graphId: string;
  } {
    return { registry: this.registry, pool: this.pool, threadId, graphId };
  }
}

/** Holds the thread's row to the end of the write: no run can be created in between. */
function whileResting(threadId: string): AskingFence {
  return async (client) => {
    const { rows } = await client.query<{ status: string }>(LOCK_VISIBLE_THREAD, [threadId]);
    if (!rows[0]) throw threadNotFound(threadId);
    if (rows[0].status === 'busy') {
      throw new LongrunError('THREAD_BUSY', 'Thread is busy with a run. Wait for it, or cancel it.', {
        details: { thread_id: threadId },
      });
    }
  };
}

/** What LangGraph and the graph's reducers throw at an update is said of the update, not of this server. */
async function asBadInput<T>(field: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOurs = isLongrunError(error) || isPostgresUnavailable(error) || isStatementError(error);
    if (isOurs || !(error instanceof Error)) throw error;
    throw new LongrunError(
      'VALIDATION_FAILED',
      `${field}: the graph does not take this update: ${error.message}`,
      {
        cause: error,
        details: { field },
      },
    );
  }
}
