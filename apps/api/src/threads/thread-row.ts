/**
 * A thread's row as clients see it.
 */
import {
  LongrunError,
  type InterruptInfo,
  type JsonObject,
  type RunConfig,
  type Thread,
  type WireError,
} from '@longrun/contracts';
import type { Prisma } from '@longrun/database';

export type ThreadRow = Prisma.ThreadGetPayload<object>;

/** @param includeTtl adds when the thread goes, for clients that ask */
export function toThread(row: ThreadRow, includeTtl = false): Thread {
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
    ...(includeTtl ? { ttl: ttlOf(row) } : {}),
  };
}

function ttlOf({ ttlMinutes, ttlStrategy, expiresAt }: ThreadRow): NonNullable<Thread['ttl']> | null {
  if (ttlMinutes === null || expiresAt === null) return null;
  return {
    strategy: ttlStrategy ?? 'delete',
    ttl_minutes: ttlMinutes,
    expires_at: expiresAt.toISOString(),
  };
}

export function threadNotFound(threadId: string): LongrunError {
  return new LongrunError('THREAD_NOT_FOUND', `Thread with ID ${threadId} not found`, {
    details: { thread_id: threadId },
  });
}
