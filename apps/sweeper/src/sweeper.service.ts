/**
 * The sweeper as a service: `packages/runs/src/sweep/sweeper.ts` on its connections.
 */
import { randomUUID } from 'node:crypto';
import { LongrunError } from '@longrun/contracts';
import { createPool, isPostgresUnavailable } from '@longrun/database';
import { RedisServerError, ResilientRedisClient } from '@longrun/redis-core';
import { registerRedisMetrics } from '@longrun/redis-core/metrics';
import {
  BullRunQueue,
  InProcessEventBus,
  InProcessRunQueue,
  parseRunLimits,
  RedisEventBus,
  RunStore,
  Sweeper,
  WebhookSender,
  type RunQueue,
  type SweepCounts,
} from '@longrun/runs';
import {
  addRedisCapabilities,
  Capabilities,
  Counter,
  createRescueMetrics,
  databaseUrls,
  REDIS_METRICS_PREFIX,
  registerPoolMetrics,
  registerQueueMetrics,
  redisSettings,
  retentionSettings,
  webhookSettings,
  type Logger,
  type Registry,
} from '@longrun/service-kit';
import type pg from 'pg';
import { itemSweepIntervalMs } from './config/item-sweep-interval.js';
import type { SweeperConfig } from './config/sweeper-config.js';

export class SweeperService {
  readonly #pool: pg.Pool;
  readonly #redis: ResilientRedisClient | null;
  readonly #queue: RunQueue;
  readonly #sweeper: Sweeper;
  readonly capabilities: Capabilities;
  #lastLookAt = 0;
  /** What a look, or something that it began, failed with last. */
  #lastError: Error | undefined;
  /** Why Postgres did not answer the last look. */
  #failure: string | undefined;

  constructor(config: SweeperConfig, log: Logger, metrics: Registry) {
    const registers = [metrics];
    const { rescued } = createRescueMetrics(metrics);
    const crons = new Counter({
      name: 'longrun_cron_ticks_total',
      help: 'Ticks of crons by what became of them: fired, failed, or skipped after an absence.',
      labelNames: ['outcome'],
      registers,
    });
    this.#pool = createPool({
      ...databaseUrls(config),
      poolSize: 4,
      applicationName: 'longrun-sweeper',
      // A look without an answer must end soon, so that the observation breaks off instead of ageing.
      answerTimeoutMs: 5_000,
    });
    registerPoolMetrics(metrics, this.#pool);
    const store = new RunStore(this.#pool, {
      crashLimit: config.CRASH_LIMIT,
      temporaryThreadSeconds: config.TEMPORARY_THREAD_SECONDS,
    });
    registerQueueMetrics(metrics, () => store.queueDepth());
    this.#redis = config.REDIS_URL ? new ResilientRedisClient(redisSettings(config, 'sweeper')) : null;
    const redis = this.#redis;
    this.capabilities = new Capabilities(log, metrics);
    this.capabilities.add('postgres', {
      isThere: () => this.#failure === undefined,
      reason: () => this.#failure,
    });
    if (redis) registerRedisMetrics(redis, metrics, { prefix: REDIS_METRICS_PREFIX });
    this.#queue = redis ? new BullRunQueue(redis, this.#pool) : new InProcessRunQueue();
    if (redis) addRedisCapabilities(this.capabilities, { redis, queue: this.#queue });
    this.#sweeper = new Sweeper({
      sweeperId: randomUUID(),
      store,
      queue: this.#queue,
      bus: redis ? new RedisEventBus(redis) : new InProcessEventBus(),
      intervalMs: config.SWEEP_INTERVAL_MS,
      redispatchAfterMs: config.REDISPATCH_AFTER_MS,
      retention: {
        ...retentionSettings(config),
        itemSweepIntervalMs: itemSweepIntervalMs(config.LANGGRAPH_CONFIG_PATH),
      },
      liveness: { lockFreeVerdictMs: config.LOCK_FREE_VERDICT_MS, leaseMs: config.LEASE_MS },
      announce: true,
      webhooks: new WebhookSender({ pool: this.#pool, ...webhookSettings(config) }),
      onLook: () => {
        this.#lastLookAt = performance.now();
        this.#noteAnswer(undefined);
      },
      onRescue: rescued,
      log,
      runLimits: parseRunLimits(config.RUN_LIMITS),
      onFire: ({ run, ...fired }) => {
        if (run) crons.inc({ outcome: 'fired' });
        crons.inc({ outcome: 'skipped' }, fired.skipped);
        if (fired.skipped > 0) log.warn(fired, 'ticks of a cron were missed; the newest was fired');
        if (!fired.error) return;
        crons.inc({ outcome: 'failed' });
        log.warn(fired, 'a tick of a cron created no run');
      },
      onError: (error) => {
        this.#lastError = error instanceof Error ? error : new LongrunError('INTERNAL', String(error));
        // While Postgres is away every look fails; that is said once.
        if (isPostgresUnavailable(error))
          this.#noteAnswer(error instanceof Error ? error.message : 'no answer');
        else log.warn({ err: error }, 'look failed');
      },
    });
  }

  /** Milliseconds since the last look that succeeded. */
  get sinceLastLookMs(): number {
    return performance.now() - this.#lastLookAt;
  }

  /** Whether what it appends to logs goes out through Redis. */
  get isPushing(): boolean {
    return this.#redis?.available ?? false;
  }

  async start(): Promise<void> {
    await this.#connect();
    await this.#sweeper.lookOnce();
    this.#sweeper.start();
    this.capabilities.start();
  }

  /**
   * For a cron job: looks as long as an observation takes, then ends.
   *
   * @returns what it did
   * @throws what a look or the firing of a cron failed with
   */
  async runOnce(observeMs: number, intervalMs: number): Promise<Readonly<SweepCounts>> {
    await this.#connect();
    const until = performance.now() + observeMs;
    do {
      await this.#sweeper.lookOnce();
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    } while (performance.now() < until);
    await this.#sweeper.lookOnce();
    await this.#sweeper.settled();
    await this.stop();
    if (this.#lastError !== undefined) throw this.#lastError;
    return this.#sweeper.counts;
  }

  async stop(): Promise<void> {
    this.capabilities.close();
    await this.#sweeper.stop();
    await this.#queue.close();
    await this.#redis?.close();
    await this.#pool.end();
  }

  #noteAnswer(failure: string | undefined): void {
    this.#failure = failure;
    this.capabilities.look();
  }

  /** Without Redis the sweeper works all the same: what it dispatches is fetched from Postgres. */
  async #connect(): Promise<void> {
    try {
      await this.#redis?.init();
    } catch (error) {
      if (!(error instanceof RedisServerError) || error.code !== 'REDIS_UNREACHABLE') throw error;
    }
  }
}
