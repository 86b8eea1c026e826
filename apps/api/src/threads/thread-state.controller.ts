/**
 * Routes of a thread's state and its history, read from the graph's checkpoints.
 */
import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { LongrunError, type CheckpointSelector, type ThreadState } from '@longrun/contracts';
import { readThreadHistory, readThreadState, type GraphRegistry } from '@longrun/graphs';
import type pg from 'pg';
import { UuidParam, ValidBody, ValidQuery } from '../http/validated.js';
import { GRAPHS, POOL } from '../tokens.js';
import { ThreadHistoryDto, ThreadStateAtDto, ThreadStateQuery } from './thread.dto.js';
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
  ) {}

  @Get('state')
  state(
    @UuidParam('thread_id') threadId: string,
    @ValidQuery(ThreadStateQuery) query: ThreadStateQuery,
  ): Promise<ThreadState> {
    return this.#read(threadId, null, query.subgraphs ?? false);
  }

  @Get('state/:checkpoint_id')
  stateAtId(
    @UuidParam('thread_id') threadId: string,
    @Param('checkpoint_id') checkpointId: string,
    @ValidQuery(ThreadStateQuery) query: ThreadStateQuery,
  ): Promise<ThreadState> {
    return this.#read(threadId, { checkpoint_id: checkpointId }, query.subgraphs ?? false);
  }

  @Post('state/checkpoint')
  @HttpCode(200)
  stateAt(
    @UuidParam('thread_id') threadId: string,
    @ValidBody(ThreadStateAtDto) dto: ThreadStateAtDto,
  ): Promise<ThreadState> {
    return this.#read(threadId, dto.checkpoint, dto.subgraphs ?? false);
  }

  @Post('history')
  @HttpCode(200)
  history(
    @UuidParam('thread_id') threadId: string,
    @ValidBody(ThreadHistoryDto) dto: ThreadHistoryDto,
  ): Promise<ThreadState[]> {
    return this.#history(threadId, dto);
  }

  @Get('history')
  historyByQuery(
    @UuidParam('thread_id') threadId: string,
    @ValidQuery(ThreadHistoryDto) query: ThreadHistoryDto,
  ): Promise<ThreadState[]> {
    return this.#history(threadId, query);
  }

  async #read(
    threadId: string,
    checkpoint: CheckpointSelector | null,
    subgraphs: boolean,
  ): Promise<ThreadState> {
    const graphId = await this.#graphOf(threadId);
    if (graphId === null) return EMPTY_STATE;
    const state = await readThreadState({
      registry: this.registry,
      pool: this.pool,
      threadId,
      graphId,
      subgraphs,
      ...(checkpoint ? { checkpoint } : {}),
    });
    if (state) return state;
    if (!checkpoint) return EMPTY_STATE;
    throw new LongrunError(
      'CHECKPOINT_NOT_FOUND',
      `checkpoint_id: Thread ${threadId} has no such checkpoint`,
      {
        details: { field: 'checkpoint_id' },
      },
    );
  }

  async #history(threadId: string, dto: ThreadHistoryDto): Promise<ThreadState[]> {
    const graphId = await this.#graphOf(threadId);
    if (graphId === null) return [];
    const before = checkpointIdOf(dto.before);
    return readThreadHistory({
      registry: this.registry,
      pool: this.pool,
      threadId,
      graphId,
      limit: dto.limit ?? HISTORY_LIMIT,
      ...(before === undefined ? {} : { before }),
      ...(dto.metadata ? { metadata: dto.metadata } : {}),
      ...(dto.checkpoint ? { checkpoint: dto.checkpoint } : {}),
    });
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
