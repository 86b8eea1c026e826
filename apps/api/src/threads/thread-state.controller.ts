/**
 * Routes of a thread's state and its history: the graph's checkpoints.
 */
import { Controller, Get, HttpCode, Inject, Param, Patch, Post } from '@nestjs/common';
import {
  LongrunError,
  type CheckpointRef,
  type CheckpointSelector,
  type ThreadState,
} from '@longrun/contracts';
import { readThreadHistory, readThreadState, type GraphRegistry } from '@longrun/graphs';
import type pg from 'pg';
import { Access } from '../auth/access.param.js';
import type { RequestAccess } from '../auth/request-access.js';
import { UuidParam, ValidBody, ValidQuery } from '../http/validated.js';
import { GRAPHS, POOL } from '../tokens.js';
import { selectFromState } from './state-selection.js';
import {
  ThreadHistoryDto,
  ThreadStateAtDto,
  ThreadStatePatchDto,
  ThreadStateQuery,
  ThreadStateUpdateDto,
} from './thread.dto.js';
import { THREAD_STORAGE, type ThreadStorageRow } from './sql/thread-storage.sql.js';
import { ThreadStateWriter } from './thread-state-writer.service.js';
import { ThreadsService } from './threads.service.js';

/** Source: the platform's default; the SDK sends 10. */
const HISTORY_LIMIT = 1;

/** What a thread without a graph answers, as on the platform. */
const EMPTY_STATE: ThreadState = {
  values: {},
  next: [],
  tasks: [],
  metadata: {},
  created_at: null,
  checkpoint: null,
  parent_checkpoint: null,
};

@Controller('threads/:thread_id')
export class ThreadStateController {
  constructor(
    @Inject(ThreadsService) private readonly threads: ThreadsService,
    @Inject(GRAPHS) private readonly registry: GraphRegistry,
    @Inject(POOL) private readonly pool: pg.Pool,
    @Inject(ThreadStateWriter) private readonly writer: ThreadStateWriter,
  ) {}

  @Get('state')
  state(
    @UuidParam('thread_id') threadId: string,
    @ValidQuery(ThreadStateQuery) query: ThreadStateQuery,
    @Access() access: RequestAccess,
  ): Promise<Partial<ThreadState>> {
    return this.#read(access, threadId, null, query);
  }

  /** Updates the state as if a node had; refused while a run is active. */
  @Post('state')
  @HttpCode(200)
  async update(
    @UuidParam('thread_id') threadId: string,
    @ValidBody(ThreadStateUpdateDto) dto: ThreadStateUpdateDto,
    @Access() access: RequestAccess,
  ): Promise<{ checkpoint: CheckpointRef | null }> {
    await access.askForThread('threads:update', threadId);
    const graphId = await this.#graphOf(threadId);
    if (graphId === null) {
      throw new LongrunError(
        'THREAD_HAS_NO_GRAPH',
        `Thread ${threadId} has no graph: run one, or set metadata.graph_id to the name of one`,
        { details: { thread_id: threadId } },
      );
    }
    return { checkpoint: await this.writer.update(threadId, graphId, dto) };
  }

  @Patch('state')
  @HttpCode(204)
  async patchMetadata(
    @UuidParam('thread_id') threadId: string,
    @ValidBody(ThreadStatePatchDto) dto: ThreadStatePatchDto,
    @Access() access: RequestAccess,
  ): Promise<void> {
    await access.askForThread('threads:update', threadId);
    await this.writer.patchMetadata(threadId, dto.metadata);
  }

  @Get('state/:checkpoint_id')
  stateAtId(
    @UuidParam('thread_id') threadId: string,
    @Param('checkpoint_id') checkpointId: string,
    @ValidQuery(ThreadStateQuery) query: ThreadStateQuery,
    @Access() access: RequestAccess,
  ): Promise<Partial<ThreadState>> {
    return this.#read(access, threadId, { checkpoint_id: checkpointId }, query);
  }

  @Post('state/checkpoint')
  @HttpCode(200)
  stateAt(
    @UuidParam('thread_id') threadId: string,
    @ValidBody(ThreadStateAtDto) dto: ThreadStateAtDto,
    @ValidQuery(ThreadStateQuery) query: ThreadStateQuery,
    @Access() access: RequestAccess,
  ): Promise<Partial<ThreadState>> {
    // Documented as part of the body, and as query parameters.
    return this.#read(access, threadId, dto.checkpoint, {
      subgraphs: dto.subgraphs ?? query.subgraphs ?? false,
      select: dto.select ?? query.select ?? null,
    });
  }

  @Post('history')
  @HttpCode(200)
  history(
    @UuidParam('thread_id') threadId: string,
    @ValidBody(ThreadHistoryDto) dto: ThreadHistoryDto,
    @Access() access: RequestAccess,
  ): Promise<Partial<ThreadState>[]> {
    return this.#history(access, threadId, dto);
  }

  @Get('history')
  historyByQuery(
    @UuidParam('thread_id') threadId: string,
    @ValidQuery(ThreadHistoryDto) query: ThreadHistoryDto,
    @Access() access: RequestAccess,
  ): Promise<Partial<ThreadState>[]> {
    return this.#history(access, threadId, query);
  }

  /** Bytes that the thread takes up: values by channel over its whole history, checkpoints, writes, and the logs of its runs. */
  @Get('storage')
  async storage(
    @UuidParam('thread_id') threadId: string,
    @Access() access: RequestAccess,
  ): Promise<ThreadStorageRow & { total: number }> {
    await access.askForThread('threads:read', threadId);
    await this.threads.get(threadId);
    const { rows } = await this.pool.query<ThreadStorageRow>(THREAD_STORAGE, [threadId]);
    const row = rows[0] ?? { channels: {}, checkpoints: 0, writes: 0, events: 0 };
    const values = Object.values(row.channels).reduce((sum, bytes) => sum + bytes, 0);
    return { ...row, total: values + row.checkpoints + row.writes + row.events };
  }

  async #read(
    access: RequestAccess,
    threadId: string,
    checkpoint: CheckpointSelector | null,
    options: { subgraphs?: boolean | null; select?: string[] | null },
  ): Promise<Partial<ThreadState>> {
    await access.askForThread('threads:read', threadId);
    const graphId = await this.#graphOf(threadId);
    if (graphId === null) return selectFromState(EMPTY_STATE, options.select);
    const state = await readThreadState({
      registry: this.registry,
      pool: this.pool,
      threadId,
      graphId,
      subgraphs: options.subgraphs ?? false,
      ...(checkpoint ? { checkpoint } : {}),
    });
    if (state) return selectFromState(state, options.select);
    if (!checkpoint) return selectFromState(EMPTY_STATE, options.select);
    throw new LongrunError(
      'CHECKPOINT_NOT_FOUND',
      `checkpoint_id: Thread ${threadId} has no such checkpoint`,
      {
        details: { field: 'checkpoint_id' },
      },
    );
  }

  async #history(
    access: RequestAccess,
    threadId: string,
    dto: ThreadHistoryDto,
  ): Promise<Partial<ThreadState>[]> {
    await access.askForThread('threads:read', threadId);
    const graphId = await this.#graphOf(threadId);
    if (graphId === null) return [];
    const before = checkpointIdOf(dto.before);
    const states = await readThreadHistory({
      registry: this.registry,
      pool: this.pool,
      threadId,
      graphId,
      limit: dto.limit ?? HISTORY_LIMIT,
      ...(before === undefined ? {} : { before }),
      ...(dto.metadata ? { metadata: dto.metadata } : {}),
      ...(dto.checkpoint ? { checkpoint: dto.checkpoint } : {}),
    });
    return states.map((state) => selectFromState(state, dto.select));
  }

  async #graphOf(threadId: string): Promise<string | null> {
    const { metadata } = await this.threads.get(threadId);
    const graphId = metadata['graph_id'];
    return typeof graphId === 'string' && this.registry.graphs.has(graphId) ? graphId : null;
  }
}

/** Clients send an id, a checkpoint, or a config with one inside. */
function checkpointIdOf(before: ThreadHistoryDto['before']): string | undefined {
  if (before === undefined || before === null || before === '') return undefined;
  if (typeof before === 'string') return before;
  const configurable = before['configurable'] as Record<string, unknown> | undefined;
  const id = before['checkpoint_id'] ?? configurable?.['checkpoint_id'];
  if (typeof id === 'string') return id;
  throw new LongrunError(
    'VALIDATION_FAILED',
    'before: must be a checkpoint id, or an object that names one',
    {
      details: { field: 'before' },
    },
  );
}
