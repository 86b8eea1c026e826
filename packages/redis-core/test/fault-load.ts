/**
 * Every kind of operation of the client, again and again, and a ledger of what became of each.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import { RedisError } from '../src/index.js';
import type { ResilientRedisClient } from '../src/index.js';

/** A kind of operation. */
export interface Operation {
  readonly kind: string;
  /** Longest time to an answer, milliseconds. */
  readonly deadlineMs: number;
  /** Does it once; `id` is new every time. */
  run(redis: ResilientRedisClient, id: string): Promise<unknown>;
  /**
   * How often it was executed, by the server's account. Absent where twice is the same as once.
   *
   * @returns undefined when it cannot be told any more
   */
  executions?(redis: ResilientRedisClient, id: string): Promise<number | undefined>;
}

/** One operation of the load. */
export interface Entry {
  readonly operation: Operation;
  readonly id: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly error: unknown;
}

const INCREMENT = { name: 'count', numberOfKeys: 1, lua: "return redis.call('INCR', KEYS[1])" };

/** Time of a blocking read. */
const BLOCK_MS = 50;

/** All kinds, for a client whose operations may take `limitMs`. */
export function operations(limitMs: number): { all: Operation[]; published: Map<string, number> } {
  const published = new Map<string, number>();
  const counted = async (redis: ResilientRedisClient, key: string): Promise<number> =>
    Number((await redis.get(key, { priority: 'critical' })) ?? 0);
  const all: Operation[] = [
    { kind: 'read', deadlineMs: limitMs, run: (redis) => redis.get('read') },
    { kind: 'idempotent write', deadlineMs: limitMs, run: (redis, id) => redis.set('written', id) },
    {
      kind: 'write that must not be repeated',
      deadlineMs: limitMs,
      run: (redis, id) => redis.incr(`incr:${id}`),
      executions: (redis, id) => counted(redis, `incr:${id}`),
    },
    {
      kind: 'blocking read',
      // For a connection, and then for the server's answer after the block.
      deadlineMs: 2 * limitMs + BLOCK_MS,
      run: (redis) => redis.xread({ stream: '$' }, { blockMs: BLOCK_MS }),
    },
    {
      kind: 'script',
      // By hash, and by text when the server has lost it.
      deadlineMs: 2 * limitMs,
      run: (redis, id) => redis.runScript(INCREMENT, [`script:${id}`], []),
      executions: (redis, id) => counted(redis, `script:${id}`),
    },
    {
      kind: 'publish',
      deadlineMs: limitMs,
      run: (redis, id) => redis.publish('channel', id),
      executions: (_redis, id) => Promise.resolve(published.get(id) ?? 0),
    },
    {
      kind: 'transaction',
      // For a connection, and then for the transaction itself.
      deadlineMs: 2 * limitMs,
      run: (redis, id) =>
        redis.kit.exclusive.transaction(
          [`tx:${id}`],
          async (reads) => {
            await reads.call('GET', `tx:${id}`);
            return [['INCR', `tx:${id}`]];
          },
          { timeoutMs: limitMs },
        ),
      executions: (redis, id) => counted(redis, `tx:${id}`),
    },
    {
      kind: 'pipeline',
      deadlineMs: limitMs,
      run: async (redis, id) => {
        const results = await redis.pipeline([
          ['INCR', `pipe:${id}`],
          ['GET', 'read'],
        ]);
        for (const result of results) if (!result.ok) throw result.error;
      },
      executions: (redis, id) => counted(redis, `pipe:${id}`),
    },
  ];
  return { all, published };
}

/** Runs every operation in two loops, until it is told to stop. */
export class Load {
  readonly entries: Entry[] = [];
  private stopping = false;
  private readonly loops: Promise<void>[];

  constructor(
    private readonly redis: ResilientRedisClient,
    all: readonly Operation[],
  ) {
    this.loops = [...all, ...all].map((operation) => this.repeat(operation));
  }

  /** The first success of each kind that began at or after a moment. */
  firstSuccess(kind: string, since: number): Entry | undefined {
    return this.entries.find(
      ({ operation, startedAt, error }) =>
        operation.kind === kind && startedAt >= since && error === undefined,
    );
  }

  /** Resolves when the operations under way have settled. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.loops);
  }

  private async repeat(operation: Operation): Promise<void> {
    while (!this.stopping) {
      const id = randomUUID();
      const startedAt = performance.now();
      let error: unknown;
      try {
        await operation.run(this.redis, id);
      } catch (failure) {
        error = failure;
        if (!(failure instanceof RedisError)) this.stopping = true;
      }
      this.entries.push({ operation, id, startedAt, durationMs: performance.now() - startedAt, error });
      // The pace of the load: refusals cost nothing, and would fill the ledger.
      await pause(5);
    }
  }
}
