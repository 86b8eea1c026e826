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

/** Where dispatched runs go. */
export interface RunQueue {
  /** Never throws and need not be awaited: the run is accepted already. */
  enqueue(dispatches: readonly Dispatch[]): Promise<void>;
  /** False while nothing goes through it, so that runs are fetched from Postgres. */
  readonly isLive: boolean;
  close(): Promise<void>;
}

/** The queue of the stack and of production. */
export class BullRunQueue implements RunQueue {
  readonly #queue: Queue<RunJob>;
  readonly #pool: pg.Pool;
  readonly #redis: ResilientRedisClient;

  /** @param pool carries the notification while Redis is away */
  constructor(redis: ResilientRedisClient, pool: pg.Pool) {
    this.#queue = new Queue<RunJob>(RUNS_QUEUE, {
      connection: redis.kit.bullmq('producer'),
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

/** The queue of single mode: the runs are executed by this process. */
export class InProcessRunQueue implements RunQueue {
  readonly isLive = true;
  #consumer: ((runId: string) => void) | undefined;

  /** Who gets the ids. Before it is set they are dropped: reconcile brings them again. */
  consume(consumer: (runId: string) => void): void {
    this.#consumer = consumer;
  }

  async enqueue(dispatches: readonly Dispatch[]): Promise<void> {
    for (const { runId } of dispatches) this.#consumer?.(runId);
  }

  async close(): Promise<void> {
    this.#consumer = undefined;
  }
}
