/**
 * Takes jobs from the queue and has their runs executed. A job is a wake-up: when the claim is refused it is forgotten, and the
 * row stays with reconcile.
 *
 * Hop 3 of a run's way. Before: `packages/runs/src/run-queue/run-queue.ts`. After: `packages/runs/src/execution/run-executor.ts`
 * (claim, finish) and `packages/graphs/src/execute/execute-attempt.ts`.
 */
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { bullmqPrefix, RUNS_QUEUE, type RunJob } from '@longrun/contracts';
import { ResilientRedisClient } from '@longrun/redis-core';
import { Runner } from '@longrun/runner';
import type { Logger } from '@longrun/service-kit';
import { Worker, type Job } from 'bullmq';
import { WorkerConfig } from './config/worker-config.js';
import { EventLoopLoad } from './load/event-loop-load.js';
import { LOGGER } from './tokens.js';

/** Longest wait of BullMQ's blocking fetch, seconds: a fetch that hangs on a dead connection ends with it. */
const DRAIN_DELAY_SECONDS = 5;

@Injectable()
export class RunProcessor implements OnApplicationBootstrap {
  readonly #runner: Runner;
  readonly #log: Logger;
  readonly #load: EventLoopLoad;
  readonly #worker: Worker<RunJob>;

  constructor(
    @Inject(Runner) runner: Runner,
    @Inject(WorkerConfig) config: WorkerConfig,
    @Inject(ResilientRedisClient) redis: ResilientRedisClient,
    @Inject(LOGGER) log: Logger,
  ) {
    this.#runner = runner;
    this.#log = log;
    this.#load = new EventLoopLoad((overloaded) => void this.#onLoad(overloaded));
    this.#worker = new Worker<RunJob>(RUNS_QUEUE, (job) => this.#process(job), {
      connection: redis.kit.bullmq('consumer'),
      prefix: bullmqPrefix(redis.kit.settings.keyPrefix),
      concurrency: config.N_JOBS_PER_WORKER,
      autorun: false,
      drainDelay: DRAIN_DELAY_SECONDS,
      skipVersionCheck: true,
      // A stalled job is only another wake-up: the claim refuses it while its run is executed.
      maxStalledCount: 1_000,
    });
    // Redis being away is known and handled: runs then come from Postgres.
    this.#worker.on('error', (error) => this.#log.debug({ err: error }, 'queue'));
  }

  onApplicationBootstrap(): void {
    this.#load.start();
    this.#worker.run().catch((error: unknown) => this.#log.warn({ err: error }, 'queue consumer ended'));
  }

  get loopDelayMs(): number {
    return this.#load.delayMs;
  }

  /** Fetches nothing more; jobs under way go on. */
  async pause(): Promise<void> {
    this.#load.stop();
    await this.#worker.pause(true).catch(() => undefined);
  }

  async close(): Promise<void> {
    // By now no run is here; what is left are acknowledgements, and jobs are only wake-ups.
    await this.#worker.close(true).catch(() => undefined);
  }

  async #process(job: Job<RunJob>): Promise<void> {
    const { runId } = job.data;
    try {
      const claimed = await this.#runner.executor.process(runId);
      if (!claimed) this.#log.debug({ runId }, 'claim refused');
    } catch (error) {
      this.#log.warn({ runId, err: error }, 'claim failed; the run is dispatched again later');
    }
  }

  async #onLoad(overloaded: boolean): Promise<void> {
    this.#log.warn(
      { delayMs: this.#load.delayMs },
      overloaded ? 'event loop overloaded: no more claims' : 'event loop caught up',
    );
    if (this.#runner.executor.isDraining) return;
    if (overloaded) await this.#worker.pause(true);
    else await this.#worker.resume();
  }
}
