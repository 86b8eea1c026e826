/**
 * Threads as clients see them. Their status changes with their runs, in `packages/runs/src/run-store`.
 */
import { Inject, Injectable } from '@nestjs/common';
import { LongrunError, PRUNE_CHECKPOINTS, type JsonObject, type Thread } from '@longrun/contracts';
import { inTransaction, isUniqueViolation, Prisma, PrismaClient } from '@longrun/database';
import { copyThreadCheckpoints, type GraphRegistry } from '@longrun/graphs';
import { RunStore } from '@longrun/runs';
import type pg from 'pg';
import type { RequestAccess } from '../auth/request-access.js';
import type { IdempotentId } from '../http/idempotency.service.js';
import { GRAPHS, POOL } from '../tokens.js';
import { RunCancellation } from '../workers/run-cancellation.js';
import { COPY_THREAD, LOCK_VISIBLE_THREAD, PATCH_THREAD } from './sql/threads.sql.js';
import type { ThreadCreateDto, ThreadPatchDto, ThreadPruneDto } from './thread.dto.js';
import { threadNotFound, toThread } from './thread-row.js';
import { ThreadStateWriter } from './thread-state-writer.service.js';
import type { TimeToLive } from './time-to-live.js';

@Injectable()
export class ThreadsService {
  constructor(
    @Inject(PrismaClient) private readonly prisma: PrismaClient,
    @Inject(POOL) private readonly pool: pg.Pool,
    @Inject(GRAPHS) private readonly registry: GraphRegistry,
    @Inject(RunStore) private readonly store: RunStore,
    @Inject(RunCancellation) private readonly cancellation: RunCancellation,
    @Inject(ThreadStateWriter) private readonly writer: ThreadStateWriter,
  ) {}

  /**
   * @param given the id to create under
   * @throws LongrunError THREAD_EXISTS unless `if_exists` is do_nothing or the request is a repeat; VALIDATION_FAILED for supersteps that the
   * graph does not take: then there is no thread
   */
  async create(dto: ThreadCreateDto, given: IdempotentId, access: RequestAccess): Promise<Thread> {
    const { id, isOurs } = given;
    const wish = { thread_id: id, metadata: dto.metadata ?? {}, if_exists: dto.if_exists, ttl: dto.ttl };
    const meant = await access.ask('threads:create', wish);
    const metadata = wish.metadata as Prisma.InputJsonObject;
    const graphId = dto.supersteps?.length ? this.#graphForSupersteps(dto) : null;
    try {
      const data = { id, metadata, ...ttlData(dto.ttl ?? this.registry.threadTtl) };
      const created = toThread(await this.prisma.thread.create({ data }), Boolean(dto.ttl));
      if (graphId === null) return created;
    } catch (error) {
      if (!isTaken(error)) throw error;
      const isHidden = (await access.refusedOf('thread', [id], meant)).size > 0;
      if (!isHidden && (isOurs || dto.if_exists === 'do_nothing')) return this.get(id);
      throw new LongrunError('THREAD_EXISTS', `thread_id: Thread with ID ${id} exists already`, {
        details: { field: 'thread_id' },
      });
    }
    try {
      await this.writer.begin(id, graphId, dto.supersteps ?? []);
    } catch (error) {
      await this.store.hideThread(id);
      throw error;
    }
    return this.get(id);
  }

  /** @throws LongrunError THREAD_NOT_FOUND */
  async get(threadId: string, includeTtl = false): Promise<Thread> {
    const row = await this.prisma.thread.findFirst({ where: { id: threadId, hiddenAt: null } });
    if (!row) throw threadNotFound(threadId);
    return toThread(row, includeTtl);
  }

  /** Merges metadata; a time to live begins anew. @throws LongrunError THREAD_NOT_FOUND */
  async patch(threadId: string, { metadata, ttl }: ThreadPatchDto): Promise<void> {
    const { rowCount } = await this.pool.query(PATCH_THREAD, [
      threadId,
      metadata ? JSON.stringify(metadata) : null,
      ttl?.ttl ?? null,
      ttl?.strategy ?? 'delete',
    ]);
    if (rowCount === 0) throw threadNotFound(threadId);
  }

  /** Ends its runs, hides it at once; its rows go a little later. @throws LongrunError THREAD_NOT_FOUND */
  async delete(threadId: string): Promise<void> {
    if (!(await this.#hide(threadId))) throw threadNotFound(threadId);
  }

  /**
   * A thread like another: its state with the history, its metadata and values, without its runs.
   *
   * @throws LongrunError THREAD_TO_COPY_NOT_FOUND
   */
  async copy(threadId: string, given: IdempotentId, access: RequestAccess): Promise<Thread> {
    const { id, mayExist } = given;
    const notFound = (): LongrunError =>
      new LongrunError('THREAD_TO_COPY_NOT_FOUND', `Thread with ID ${threadId} not found`, {
        details: { thread_id: threadId },
      });
    await access.askForThread('threads:read', threadId, undefined, notFound);
    if (mayExist) {
      const row = await this.prisma.thread.findFirst({ where: { id, hiddenAt: null } });
      if (row) return toThread(row);
    }
    const original = await this.prisma.thread.findFirst({
      where: { id: threadId, hiddenAt: null },
      select: { metadata: true },
    });
    if (!original) throw notFound();
    const wish = { thread_id: id, metadata: original.metadata as JsonObject };
    await access.ask('threads:create', wish);
    const isCopied = await inTransaction(this.pool, async (client) => {
      const { rowCount } = await client.query(COPY_THREAD, [threadId, id, JSON.stringify(wish.metadata)]);
      if (rowCount === 1) await copyThreadCheckpoints(client, threadId, id);
      return rowCount === 1;
    }).catch((error: unknown) => {
      // The same request came twice, and the other one was faster.
      if (given.isOurs && isUniqueViolation(error)) return true;
      throw error;
    });
    if (!isCopied) throw notFound();
    const copy = await this.get(id);
    const graphId = copy.metadata['graph_id'];
    if (typeof graphId !== 'string' || !this.registry.graphs.has(graphId)) return copy;
    // A run that was under way has left checkpoints that the values do not know yet.
    await this.writer.refreshSoon(id, graphId);
    return this.get(id);
  }

  /** Number of threads that were deleted, or whose history was forgotten; those with an active run are left alone by the latter. */
  async prune({ thread_ids: ids, strategy }: ThreadPruneDto, access: RequestAccess): Promise<number> {
    let pruned = 0;
    const event = strategy === 'keep_latest' ? 'threads:update' : 'threads:delete';
    const refused = await access.refusedOf('thread', ids, await access.ask(event, { ids }));
    for (const id of new Set(ids)) {
      if (refused.has(id.toLowerCase())) continue;
      const isPruned = strategy === 'keep_latest' ? await this.#forgetHistory(id) : await this.#hide(id);
      if (isPruned) pruned += 1;
    }
    return pruned;
  }

  async #hide(threadId: string): Promise<boolean> {
    const ended = await this.store.hideThread(threadId);
    for (const finished of ended ?? []) this.cancellation.announce(finished);
    return ended !== null;
  }

  #forgetHistory(threadId: string): Promise<boolean> {
    return inTransaction(this.pool, async (client) => {
      const { rows } = await client.query<{ status: string }>(LOCK_VISIBLE_THREAD, [threadId]);
      if (!rows[0] || rows[0].status === 'busy') return false;
      await client.query(PRUNE_CHECKPOINTS, [threadId]);
      return true;
    });
  }

  #graphForSupersteps({ metadata }: ThreadCreateDto): string {
    const graphId = metadata?.['graph_id'];
    if (typeof graphId === 'string' && this.registry.graphs.has(graphId)) return graphId;
    throw new LongrunError('VALIDATION_FAILED', 'supersteps: need metadata.graph_id, the name of a graph', {
      details: { field: 'supersteps' },
    });
  }
}

function ttlData(ttl: TimeToLive | null): Partial<Prisma.ThreadUncheckedCreateInput> {
  if (!ttl) return {};
  return {
    ttlMinutes: ttl.ttl,
    ttlStrategy: ttl.strategy ?? 'delete',
    expiresAt: new Date(Date.now() + ttl.ttl * 60_000),
  };
}

function isTaken(error: unknown): boolean {
  return (
    (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') ||
    isUniqueViolation(error)
  );
}
