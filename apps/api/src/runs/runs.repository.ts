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

@Injectable()
export class RunsRepository {
  constructor(@Inject(PrismaClient) private readonly prisma: PrismaClient) {}

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
   * Where a run stands, also of a temporary thread whose run has just ended: its stream can still be resumed.
   *
   * @param threadId when given, the run must be of this thread
   * @throws LongrunError RUN_NOT_FOUND
   */
  async locate(
    runId: string,
    threadId?: string,
  ): Promise<{ threadId: string; status: RunStatus; kwargs: RunKwargs }> {
    const row = await this.prisma.run.findFirst({
      where: { id: runId, ...(threadId === undefined ? {} : { threadId }) },
      select: { threadId: true, status: true, kwargs: true },
    });
    if (!row) throw runNotFound(runId);
    return { threadId: row.threadId, status: row.status, kwargs: row.kwargs as unknown as RunKwargs };
  }

  /** Runs of a thread, newest first. */
  async list(
    threadId: string,
    page: { limit: number; offset: number; status?: RunStatus | undefined },
  ): Promise<{ runs: Run[]; total: number }> {
    const where = { threadId, ...(page.status ? { status: page.status } : {}) };
    const [rows, total] = await Promise.all([
      this.prisma.run.findMany({
        where,
        orderBy: { threadOrder: 'desc' },
        take: page.limit,
        skip: page.offset,
      }),
      this.prisma.run.count({ where }),
    ]);
    return { runs: rows.map(toRun), total };
  }

  /** Number of the newest event of a run; -1 when it has none. */
  async lastSeq(runId: string): Promise<number> {
    const row = await this.prisma.runEvent.findFirst({
      where: { runId },
      orderBy: { seq: 'desc' },
      select: { seq: true },
    });
    return row?.seq ?? -1;
  }

  /**
   * The result of an ended run as JSON text: its error, else the last values in its log, else the state of its thread.
   */
  async result(runId: string): Promise<string> {
    const run = await this.prisma.run.findUnique({
      where: { id: runId },
      select: { error: true, thread: { select: { values: true } } },
    });
    if (!run)
      return JSON.stringify({ __error__: { error: 'RunNotFound', message: `Run ${runId} was deleted.` } });
    if (run.error) return JSON.stringify({ __error__: run.error });
    const values = await this.prisma.runEvent.findFirst({
      where: { runId, event: 'values' },
      orderBy: { seq: 'desc' },
      select: { data: true },
    });
    return values?.data ?? JSON.stringify(run.thread.values);
  }
}

function runNotFound(runId: string): LongrunError {
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
