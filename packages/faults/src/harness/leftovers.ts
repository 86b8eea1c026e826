/**
 * What must not remain when all runs have ended: jobs, keys without expiry, connections, busy threads.
 */
import { bullmqPrefix, RUNS_QUEUE } from '@longrun/contracts';
import { waitUntil } from '@longrun/testing';
import { Redis } from 'ioredis';
import type { FaultStack } from './fault-stack.js';

/** Keys in which BullMQ keeps what it knows of a queue, not of a job. */
const QUEUE_METADATA = /:(meta|id|events|stalled-check|marker|pc|metrics.*)$/;

/**
 * What a dead worker had fetched is cleared away when its lock has expired and BullMQ looks for stalled jobs next: 30 s each by its
 * defaults.
 */
const CLEARED_WITHIN_MS = 75_000;

/** Open sessions of Postgres and Redis. */
export async function countConnections(stack: FaultStack): Promise<{ postgres: number; redis: number }> {
  const [row] = await stack.query<{ sessions: number }>(
    'SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE datname = current_database()',
  );
  const clients = await onRedis(stack, (redis) => redis.client('LIST'));
  return { postgres: row?.sessions ?? 0, redis: String(clients).trim().split('\n').length };
}

/** Waits a little for what goes by itself. @returns a sentence for everything that is still there */
export async function checkLeftovers(
  stack: FaultStack,
  before: { postgres: number; redis: number },
): Promise<string[]> {
  let left: string[] = [];
  await waitUntil(
    async () => {
      left = [
        ...(await busyThreads(stack)),
        ...(await keysLeft(stack)),
        ...(await connectionsLeft(stack, before)),
      ];
      return left.length === 0;
    },
    { timeoutMs: CLEARED_WITHIN_MS, intervalMs: 500, message: 'everything to be cleared away' },
  ).catch(() => undefined);
  return left;
}

async function busyThreads(stack: FaultStack): Promise<string[]> {
  const [row] = await stack.query<{ busy: number }>(
    "SELECT count(*)::int AS busy FROM thread WHERE status = 'busy'",
  );
  return row && row.busy > 0 ? [`${String(row.busy)} threads are still busy`] : [];
}

async function keysLeft(stack: FaultStack): Promise<string[]> {
  const queue = `${bullmqPrefix('')}:${RUNS_QUEUE}`;
  return onRedis(stack, async (redis) => {
    const problems: string[] = [];
    for (const key of await redis.keys('*')) {
      if (key.startsWith(queue) && QUEUE_METADATA.test(key)) continue;
      if (key.startsWith(queue)) problems.push(`the queue still has ${key}`);
      else if ((await redis.pttl(key)) === -1) problems.push(`${key} has no expiry`);
    }
    return problems;
  });
}

/** A pool may have grown under the load; what was leaked would be more. */
async function connectionsLeft(
  stack: FaultStack,
  before: { postgres: number; redis: number },
): Promise<string[]> {
  const now = await countConnections(stack);
  return (['postgres', 'redis'] as const).flatMap((server) =>
    now[server] > before[server] * 1.5 + 10
      ? [`${server} has ${String(now[server])} connections, ${String(before[server])} before the faults`]
      : [],
  );
}

async function onRedis<T>(stack: FaultStack, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(stack.stack.info.redis?.url ?? '');
  redis.on('error', () => undefined);
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}
