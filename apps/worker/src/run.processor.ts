/**
 * Takes jobs from the queue and has their runs executed. A job is a wake-up: when the claim is refused it is forgotten, and the
 * row stays with reconcile. One that this worker may not serve now goes back to the queue, for another.
 *
 * Hop 3 of a run's way. Before: `packages/runs/src/run-queue/run-queue.ts`. After: `packages/runs/src/execution/run-executor.ts`
 * (claim, finish) and `packages/graphs/src/execute/execute-attempt.ts`.
 */
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { bullmqPrefix, RUNS_QUEUE, type RunJob } from '@longrun/contracts';
import { isPostgresUnavailable } from '@longrun/database';
import { ResilientRedisClient } from '@longrun/redis-core';
import { Runner } from '@longrun/runner';
import { quietMarkers } from '@longrun/runs';
import type { Logger } from '@longrun/service-kit';
import { WaitingError, Worker, type Job } from 'bullmq';
import { WorkerConfig } from './config/worker-config.js';
import { EventLoopLoad } from './load/event-loop-load.js';
import { LOGGER } from './tokens.js';

/** Longest wait of BullMQ's blocking fetch, seconds: a fetch that hangs on a dead connection ends with it. */
const DRAIN_DELAY_SECONDS = 5;

/** Without a renewal for this long another worker is better placed: here a claim may wait for Postgres in vain. */
const SILENCE_MS = 2_500;

/** Until a Redis that refuses commands is asked again: BullMQ itself would ask it without a pause. */
const REFUSED_PAUSE_MS = 500;

/** Why no jobs are fetched at the moment. */
type Pause = 'event loop overloaded' | 'Postgres away' | 'Redis refuses' | 'stopping';

@Injectable()
export class RunProcessor implements OnApplicationBootstrap {
  readonly #runner: Runner;
  readonly #log: Logger;
  readonly #load: EventLoopLoad;
  readonly #worker: Worker<RunJob>;
  readonly #pauses = new Set<Pause>();

  constructor(
    @Inject(Runner) runner: Runner,
    @Inject(WorkerConfig) config: WorkerConfig,
    @Inject(ResilientRedisClient) redis: ResilientRedisClient,
    @Inject(LOGGER) log: Logger,
  ) {
    this.#runner = runner;
    this.#log = log;
    this.#load = new EventLoopLoad((overloaded) => this.#onLoad(overloaded));
    const connection = redis.kit.bullmq('consumer');
    this.#worker = new Worker<RunJob>(RUNS_QUEUE, (job, token) => this.#process(job, token), {
      connection,
      prefix: bullmqPrefix(redis.kit.settings.keyPrefix),
      concurrency: config.N_JOBS_PER_WORKER,
      autorun: false,
      drainDelay: DRAIN_DELAY_SECONDS,
      skipVersionCheck: true,
      // A stalled job is only another wake-up: the claim refuses it while its run is executed.
      maxStalledCount: 1_000,
    });
    this.#worker.waitUntilReady().then(
      () => quietMarkers(connection),
      () => undefined,
    );
    // Redis being away is known and handled: runs then come from Postgres.
    this.#worker.on('error', (error) => {
      this.#log.debug({ err: error }, 'queue');
      if (error.name === 'ReplyError') this.#waitForRedis();
    });
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
    await this.#pause('stopping');
  }

  async close(): Promise<void> {
    // By now no run is here; what is left are acknowledgements, and jobs are only wake-ups.
    await this.#worker.close(true).catch(() => undefined);
  }

  async #process(job: Job<RunJob>, token: string | undefined): Promise<void> {
    const { runId } = job.data;
    if (!this.#mayServe) return this.#handBack(job, token);
    try {
      const claimed = await this.#runner.executor.process(runId);
      if (claimed) return;
      this.#log.debug({ runId }, 'claim refused');
    } catch (error) {
      // While Postgres is away every claim fails; the process says so once.
      const level = isPostgresUnavailable(error) ? 'debug' : 'warn';
      this.#log[level]({ runId, err: error }, 'claim failed; the run goes back to the queue');
      this.#waitForPostgres();
    }
    if (!this.#mayServe) await this.#handBack(job, token);
  }

  get #mayServe(): boolean {
    const { executor, heartbeat } = this.#runner;
    const isHeard = heartbeat.unconfirmedMs < SILENCE_MS;
    return !executor.isDraining && !this.#pauses.has('Postgres away') && isHeard;
  }

  /** A fetch that was under way when this worker began to pause still brings a job: it must not end here. */
  async #handBack(job: Job<RunJob>, token: string | undefined): Promise<never> {
    if (this.#runner.heartbeat.unconfirmedMs >= SILENCE_MS) this.#waitForPostgres();
    await job.moveToWait(token);
    throw new WaitingError();
  }

  /** Fetches nothing until a renewal of the heartbeat shows that Postgres answers this worker. */
  #waitForPostgres(): void {
    if (this.#pauses.has('Postgres away')) return;
    void this.#pause('Postgres away');
    const stopListening = this.#runner.heartbeat.on('renewed', () => {
      stopListening();
      this.#resume('Postgres away');
    });
  }

  /** It answers, and does not do what it is asked to: mostly because its memory is full. Runs come from Postgres meanwhile. */
  #waitForRedis(): void {
    if (this.#pauses.has('Redis refuses')) return;
    void this.#pause('Redis refuses');
    this.#runner.lookInPostgres();
    setTimeout(() => this.#resume('Redis refuses'), REFUSED_PAUSE_MS).unref();
  }

  #onLoad(overloaded: boolean): void {
    this.#log.warn(
      { delayMs: this.#load.delayMs },
      overloaded ? 'event loop overloaded: no more claims' : 'event loop caught up',
    );
    if (overloaded) void this.#pause('event loop overloaded');
    else this.#resume('event loop overloaded');
  }

  async #pause(reason: Pause): Promise<void> {
    this.#pauses.add(reason);
    // Without waiting for the jobs under way.
    await this.#worker.pause(true).catch(() => undefined);
  }

  #resume(reason: Pause): void {
    this.#pauses.delete(reason);
    if (this.#pauses.size === 0) void this.#worker.resume().catch(() => undefined);
  }
}
