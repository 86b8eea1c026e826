/**
 * Threads as clients see them. Their status changes with their runs, in `packages/runs/src/run-store`.
 */
import { Inject, Injectable } from '@nestjs/common';
import {
  LongrunError,
  type InterruptInfo,
  type JsonObject,
  type RunConfig,
  type Thread,
  type WireError,
} from '@longrun/contracts';
import { isUniqueViolation, Prisma, PrismaClient } from '@longrun/database';
import { RunStore } from '@longrun/runs';
import { v7 as newUuid } from 'uuid';
import { RunCancellation } from '../workers/run-cancellation.js';
import type { ThreadCreateDto, ThreadSearchDto } from './thread.dto.js';

type ThreadRow = Prisma.ThreadGetPayload<object>;

@Injectable()
export class ThreadsService {
  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(RunStore) private readonly store: RunStore,
    @Inject(RunCancellation) private readonly cancellation: RunCancellation,
  ) {}

  /** @throws LongrunError THREAD_EXISTS unless `if_exists` is do_nothing */
  async create(dto: ThreadCreateDto): Promise<Thread> {
    const id = dto.thread_id ?? newUuid();
    try {
      const metadata = (dto.metadata ?? {}) as Prisma.InputJsonObject;
      return toThread(await this.prisma.thread.create({ data: { id, metadata } }));
    } catch (error) {
      if (!isTaken(error)) throw error;
      if (dto.if_exists === 'do_nothing') return this.get(id);
      throw new LongrunError('THREAD_EXISTS', `thread_id: Thread with ID ${id} exists already`, {
        details: { field: 'thread_id' },
      });
    }
  }

  /** @throws LongrunError THREAD_NOT_FOUND */
  async get(threadId: string): Promise<Thread> {
    const row = await this.prisma.thread.findFirst({ where: { id: threadId, hiddenAt: null } });
    if (!row) throw threadNotFound(threadId);
    return toThread(row);
  }

  /** Ends its runs, hides it at once; its rows go a little later. @throws LongrunError THREAD_NOT_FOUND */
  async delete(threadId: string): Promise<void> {
    const ended = await this.store.hideThread(threadId);
    if (!ended) throw threadNotFound(threadId);
    for (const finished of ended) this.cancellation.announce(finished);
  }

  async search(dto: ThreadSearchDto): Promise<{ threads: Thread[]; total: number }> {
    const where = [Prisma.sql`hidden_at IS NULL`];
    if (dto.metadata) where.push(Prisma.sql`metadata @> ${JSON.stringify(dto.metadata)}::jsonb`);
    if (dto.values) where.push(Prisma.sql`values @> ${JSON.stringify(dto.values)}::jsonb`);
    if (dto.status) where.push(Prisma.sql`status = ${dto.status}::thread_status`);
    if (dto.ids) where.push(Prisma.sql`thread_id = ANY(${dto.ids}::uuid[])`);
    const condition = Prisma.join(where, ' AND ');
    const order = Prisma.raw(`"${dto.sort_by ?? 'updated_at'}" ${dto.sort_order === 'asc' ? 'ASC' : 'DESC'}`);
    // Containment in jsonb is beyond Prisma's filters; ids come by SQL, rows by the client.
    const [ids, counted] = await Promise.all([
      this.prisma.$queryRaw<{ thread_id: string }[]>(
        Prisma.sql`SELECT thread_id FROM thread WHERE ${condition}
          ORDER BY ${order}, thread_id LIMIT ${dto.limit ?? 10} OFFSET ${dto.offset ?? 0}`,
      ),
      this.prisma.$queryRaw<{ total: bigint }[]>(
        Prisma.sql`SELECT count(*) AS total FROM thread WHERE ${condition}`,
      ),
    ]);
    const rows = await this.prisma.thread.findMany({
      where: { id: { in: ids.map((row) => row.thread_id) } },
    });
    const byId = new Map(rows.map((row) => [row.id, row]));
    const threads = ids.flatMap(({ thread_id: id }) => {
      const row = byId.get(id);
      return row ? [toThread(row)] : [];
    });
    return { threads, total: Number(counted[0]?.total ?? 0) };
  }
}

function threadNotFound(threadId: string): LongrunError {
  return new LongrunError('THREAD_NOT_FOUND', `Thread with ID ${threadId} not found`, {
    details: { thread_id: threadId },
  });
}

function isTaken(error: unknown): boolean {
  return (
    (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') ||
    isUniqueViolation(error)
  );
}

function toThread(row: ThreadRow): Thread {
  return {
    thread_id: row.id,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    state_updated_at: row.stateUpdatedAt.toISOString(),
    metadata: row.metadata as JsonObject,
    status: row.status,
    config: row.config as RunConfig,
    values: row.values,
    interrupts: row.interrupts as unknown as Record<string, InterruptInfo[]>,
    error: row.error as unknown as WireError | null,
  };
}
