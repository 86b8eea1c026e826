/**
 * Reads runs for clients: lists, single runs, results. Writes nothing; statuses change in `packages/runs/src/run-store`.
 */
import { Inject, Injectable } from '@nestjs/common';
import {
  LongrunError,
  type JsonObject,
  type MultitaskStrategy,
  type Run,
  type RunKwargs,
  type RunStatus,
} from '@longrun/contracts';
import { Prisma, PrismaClient } from '@longrun/database';
import type pg from 'pg';
import { readPage, type FoundPage, type WantedPage } from '../http/pagination.js';
import { POOL } from '../tokens.js';
import { LOCATE_RUN, RUN_RESULT, type LocatedRunRow, type RunResultRow } from './sql/read-run.sql.js';

type RunRow = Prisma.RunGetPayload<object>;

/** An ended run, with all that starts it anew. */
export interface RequeuableRun {
  runId: string;
  threadId: string;
  assistantId: string;
  graphId: string;
  status: RunStatus;
  priority: number;
  webhook: string | null;
  limits: Record<string, number>;
  kwargs: RunKwargs;
  metadata: JsonObject;
}

/** See {@link RunsRepository.locate}. */
export interface LocatedRun {
  threadId: string;
  hasEnded: boolean;
  lastSeq: number;
}

@Injectable()
export class RunsRepository {
  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(POOL) private readonly pool: pg.Pool,
  ) {}

  /** What a new run needs of ended ones. Those whose thread is gone are left out, except stateless ones, which bring their own. */
  async requeuable(runIds: readonly string[]): Promise<RequeuableRun[]> {
    const rows = await this.prisma.run.findMany({
      where: { id: { in: [...runIds] } },
      include: { thread: { select: { hiddenAt: true } } },
    });
    return rows
      .map((row) => ({
        runId: row.id,
        threadId: row.threadId,
        isThreadHidden: row.thread.hiddenAt !== null,
        assistantId: row.assistantId,
        graphId: row.graphId,
        status: row.status,
        priority: row.priority,
        webhook: row.webhook,
        limits: row.limits as Record<string, number>,
        kwargs: row.kwargs as unknown as RunKwargs,
        metadata: row.metadata as JsonObject,
      }))
      .filter((run) => !run.isThreadHidden || run.kwargs.temporary);
  }

  /** Runs by their ids alone, in that order; those that do not exist are left out. */
  async findAll(runIds: readonly string[]): Promise<Run[]> {
    const rows = await this.prisma.run.findMany({ where: { id: { in: [...runIds] } } });
    const byId = new Map(rows.map((row) => [row.id, row]));
    return runIds.flatMap((id) => {
      const row = byId.get(id);
      return row ? [toRun(row)] : [];
    });
  }

  /** A run of a thread. @throws LongrunError RUN_NOT_FOUND, also when the thread is gone */
  async get(threadId: string, runId: string): Promise<Run> {
    const row = await this.prisma.run.findFirst({
      where: { id: runId, threadId, thread: { hiddenAt: null } },
    });
    if (!row) throw runNotFound(runId);
    return toRun(row);
  }

  /**
   * Where a run is, whether it has ended, and the number of its newest event (-1 for none), also of a temporary thread whose run has just ended: its stream can still
   * be resumed.
   *
   * @param threadId when given, the run must be of this thread
   * @throws LongrunError RUN_NOT_FOUND
   */
  async locate(runId: string, threadId?: string): Promise<LocatedRun> {
    const { rows } = await this.pool.query<LocatedRunRow>({
      name: 'locate-run',
      text: LOCATE_RUN,
      values: [runId, threadId ?? null],
    });
    if (!rows[0]) throw runNotFound(runId);
    const { thread_id, has_ended, last_seq } = rows[0];
    return { threadId: thread_id, hasEnded: has_ended, lastSeq: last_seq };
  }

  /** Runs of a thread, newest first. */
  list(threadId: string, status: RunStatus | undefined, page: WantedPage): Promise<FoundPage<Run>> {
    const where = { threadId, ...(status ? { status } : {}) };
    return readPage(
      page,
      async (take, skip) => {
        const rows = await this.prisma.run.findMany({ where, orderBy: { threadOrder: 'desc' }, take, skip });
        return rows.map(toRun);
      },
      () => this.prisma.run.count({ where }),
    );
  }

  /** The result of an ended run as JSON text. */
  async result(runId: string): Promise<string> {
    const { rows } = await this.pool.query<RunResultRow>({
      name: 'run-result',
      text: RUN_RESULT,
      values: [runId],
    });
    const [run] = rows;
    if (!run)
      return JSON.stringify({ __error__: { error: 'RunNotFound', message: `Run ${runId} was deleted.` } });
    return run.error === null ? run.values : `{"__error__":${run.error}}`;
  }
}

export function runNotFound(runId: string): LongrunError {
  return new LongrunError('RUN_NOT_FOUND', 'Run not found', { details: { run_id: runId } });
}

function toRun(row: RunRow): Run {
  return {
    run_id: row.id,
    thread_id: row.threadId,
    assistant_id: row.assistantId,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    status: row.status,
    metadata: row.metadata as JsonObject,
    kwargs: row.kwargs as unknown as RunKwargs,
    multitask_strategy: row.multitaskStrategy as MultitaskStrategy,
    cancel_reason: row.cancelReason,
  };
}
