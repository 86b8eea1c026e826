/**
 * Wakes workers: BullMQ carries ids, Postgres decides. An add that fails loses nothing, since reconcile finds the row; it
 * only costs time, so a notification through Postgres goes out instead. So it does when the answer of Redis is slow in coming.
 *
 * Hop 2b of a run's way. Before: `../run-store/run-store.ts` (create). After: `apps/worker/src/run.processor.ts`.
 */
import { bullmqPrefix, RUNS_QUEUE, runJobId, type RunJob, testPoint } from '@longrun/contracts';
import type { ResilientRedisClient } from '@longrun/redis-core';
import { currentTraceparent, inSpan, noteFailure, type SpanOptions } from '@longrun/telemetry';
import { Queue } from 'bullmq';
import type pg from 'pg';
import type { Dispatch } from '../run-store/dispatch.js';
import { NOTIFY_RUNS } from './notify-runs.sql.js';

/** An add that Redis has not confirmed after this time may be on its way into nothing: a frozen server is noticed much later. */
const NOTIFY_AFTER_MS = 250;

/** How long the question what waits in Redis may take. */
const ASK_MS = 250;

/** What is said of a run that was dispatched. */
export type QueueEntry = Pick<Dispatch, 'runId' | 'dispatch'>;

/** Where dispatched runs go. */
export interface RunQueue {
  /** Never throws and need not be awaited: the run is accepted already. */
  enqueue(dispatches: readonly Dispatch[]): Promise<void>;
  /**
   * Ids of those whose entry still waits here and was fetched by nobody. Never throws: of what it cannot say at once it says nothing.
   */
  waiting(entries: readonly QueueEntry[]): Promise<ReadonlySet<string>>;
  /** False while nothing goes through it, so that runs are fetched from Postgres. */
  readonly isLive: boolean;
  close(): Promise<void>;
}

/** The queue of the stack and of production. */
export class BullRunQueue implements RunQueue {
  readonly #queue: Queue<RunJob>;
  readonly #connection: ReturnType<ResilientRedisClient['kit']['bullmq']>;
  readonly #pool: pg.Pool;
  readonly #redis: ResilientRedisClient;

  /** @param pool carries the notification while Redis is away */
  constructor(redis: ResilientRedisClient, pool: pg.Pool) {
    this.#connection = redis.kit.bullmq('producer');
    this.#queue = new Queue<RunJob>(RUNS_QUEUE, {
      connection: this.#connection,
      prefix: bullmqPrefix(redis.kit.settings.keyPrefix),
      skipVersionCheck: true,
      defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
    });
    // Every failure is seen at the add itself.
    this.#queue.on('error', () => undefined);
    this.#pool = pool;
    this.#redis = redis;
  }

  get isLive(): boolean {
    return this.#redis.available;
  }

  async enqueue(dispatches: readonly Dispatch[]): Promise<void> {
    if (dispatches.length === 0) return;
    // What belongs to no trace (reconcile) shall not begin one.
    if (currentTraceparent() === null) await this.#enqueue(dispatches);
    else await inSpan('enqueue', spanOf(dispatches), () => this.#enqueue(dispatches));
  }

  async #enqueue(dispatches: readonly Dispatch[]): Promise<void> {
    const overdue = setTimeout(() => void this.#notify(), NOTIFY_AFTER_MS);
    try {
      if (!this.isLive) throw new Error('Redis is away');
      const jobs = dispatches.map(({ runId, dispatch, priority }) => ({
        name: 'run',
        data: { runId },
        opts: { jobId: runJobId(runId, dispatch), ...(priority > 0 ? { priority } : {}) },
      }));
      const [first] = jobs;
      if (jobs.length === 1 && first) await this.#queue.add(first.name, first.data, first.opts);
      else await this.#queue.addBulk(jobs);
      await testPoint('enqueue:after-add');
    } catch (error) {
      noteFailure(error);
      await this.#notify();
    } finally {
      clearTimeout(overdue);
    }
  }

  async waiting(entries: readonly QueueEntry[]): Promise<ReadonlySet<string>> {
    if (entries.length === 0 || !this.isLive) return new Set();
    const pipeline = this.#connection.pipeline();
    for (const { runId, dispatch } of entries) {
      pipeline.hmget(this.#queue.toKey(runJobId(runId, dispatch)), 'name', 'processedOn');
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), ASK_MS)));
    const answers = await Promise.race([pipeline.exec().catch(() => null), late]);
    clearTimeout(timer);
    const isWaiting = (_entry: QueueEntry, index: number): boolean => {
      const [name, processedOn] = (answers?.[index]?.[1] ?? []) as (string | null)[];
      return typeof name === 'string' && processedOn === null;
    };
    return new Set(entries.filter(isWaiting).map(({ runId }) => runId));
  }

  async close(): Promise<void> {
    await this.#queue.close().catch(() => undefined);
  }

  async #notify(): Promise<void> {
    await this.#pool.query(NOTIFY_RUNS).catch(() => undefined);
  }
}

/** Names by the semantic conventions of messaging. */
function spanOf(dispatches: readonly Dispatch[]): SpanOptions {
  const [first] = dispatches;
  return {
    kind: 'PRODUCER',
    attributes: {
      'messaging.system': 'bullmq',
      'messaging.operation.type': 'send',
      'messaging.destination.name': RUNS_QUEUE,
      ...(dispatches.length === 1 && first
        ? { 'messaging.message.id': runJobId(first.runId, first.dispatch) }
        : { 'messaging.batch.message_count': dispatches.length }),
    },
  };
}
