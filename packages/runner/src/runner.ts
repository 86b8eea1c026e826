/**
 * Everything a process needs to execute runs: heartbeat, log writer, executor, the way around Redis, and the sweeper's duties when
 * nobody else does them. A worker is this plus BullMQ; the single process is this plus the api.
 */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { isPostgresUnavailable, sessionSettings } from '@longrun/database';
import { prepareStoreIndex, type GraphRegistry } from '@longrun/graphs';
import {
  Heartbeat,
  PostgresRunSource,
  RunEventWriter,
  RunExecutor,
  Sweeper,
  WebhookSender,
  type ExecutorLog,
  type GraphEngine,
  type RetentionSettings,
  type RunEventBus,
  type RunLimit,
  type RunQueue,
  type RunObserver,
  type RunStore,
  type WebhookSenderOptions,
} from '@longrun/runs';
import { LangGraphEngine } from './graph-engine.js';
import { IsolatedProcess } from './isolation/isolated-process.js';
import { IsolatedProcesses } from './isolation/isolated-processes.js';
import { IsolatingEngine } from './isolation/isolating-engine.js';
import { failRunsOnUnhandledRejection } from './unhandled-rejections.js';

export interface RunnerOptions {
  store: RunStore;
  bus: RunEventBus;
  queue: RunQueue;
  registry: GraphRegistry;
  /** Path of the langgraph.json of `registry`, for processes that load it anew. */
  graphsConfigPath: string;
  /** Suspect runs at a time, each in a process of its own. */
  isolatedProcesses: number;
  /** Postgres for sessions of its own; not through a transaction pooler. */
  databaseUrl: string;
  /** Runs at a time. */
  capacity: number;
  jobTimeoutMs: number;
  /** How long the end of a cancelled run may wait for its checkpoints and its state. */
  cancelGraceMs: number;
  /** Silence of the event loop after which overdue runs are ended from outside. */
  silentLoopMs: number;
  eventLimitBytes: number;
  crashLimit?: number;
  temporaryThreadSeconds: number;
  /** For its duties when no sweeper is seen. */
  retention: RetentionSettings;
  /** Limits of runs at a time, for those of crons. */
  runLimits: readonly RunLimit[];
  /** How webhooks are delivered when no sweeper does it. */
  webhooks: Omit<WebhookSenderOptions, 'pool'>;
  /** The process is the only one: it always does the sweeper's duties. */
  isAlone: boolean;
  /** Told of what happens to runs, and of those that were rescued here for want of a sweeper. */
  observer: RunObserver & { rescued(runs: number): void };
  log: ExecutorLog;
}

export class Runner {
  readonly workerId = randomUUID();
  readonly executor: RunExecutor;
  readonly heartbeat: Heartbeat;
  readonly #writer: RunEventWriter;
  /** None in the single process: its queue is its own. */
  readonly #source: PostgresRunSource | undefined;
  readonly #sweeper: Sweeper;
  readonly #engine: GraphEngine;
  readonly #stopCatching: () => void;
  readonly #prepareStore: () => Promise<void>;

  constructor(options: RunnerOptions) {
    const { store, bus, queue, log, databaseUrl } = options;
    this.#prepareStore = () => prepareStoreIndex(store.pool, options.registry.store.index);
    const engine = (this.#engine = isolatingEngine(options));
    const session = (applicationName: string) => sessionSettings({ url: databaseUrl, applicationName });
    this.#writer = new RunEventWriter({
      session: session('longrun-log'),
      bus,
      eventLimitBytes: options.eventLimitBytes,
      observer: options.observer,
    });
    this.heartbeat = new Heartbeat({
      // A heartbeat that gets no answer must not wait for longer than its lease.
      session: { ...session('longrun-heartbeat'), query_timeout: 4_000 },
      workerId: this.workerId,
      graphIds: engine.graphIds,
      silentLoopMs: options.silentLoopMs,
      jobTimeoutMs: options.jobTimeoutMs,
      temporaryThreadSeconds: options.temporaryThreadSeconds,
    });
    this.executor = new RunExecutor({
      store,
      writer: this.#writer,
      bus,
      queue,
      heartbeat: this.heartbeat,
      engine,
      jobTimeoutMs: options.jobTimeoutMs,
      cancelGraceMs: options.cancelGraceMs,
      observer: options.observer,
      log,
    });
    const source = {
      store,
      executor: this.executor,
      graphIds: engine.graphIds,
      capacity: options.capacity,
      session: session('longrun-runs'),
      isNeeded: () => !queue.isLive,
    };
    this.#source = options.isAlone ? undefined : new PostgresRunSource(source);
    this.#sweeper = new Sweeper({
      sweeperId: this.workerId,
      store,
      queue,
      bus,
      retention: {
        ...options.retention,
        itemSweepIntervalMs: options.registry.store.ttl.sweepIntervalMinutes * 60_000,
      },
      webhooks: new WebhookSender({ pool: store.pool, ...options.webhooks }),
      isOnDuty: () => options.isAlone || !this.heartbeat.sweeperSeen,
      onRescue: (runs) => options.observer.rescued(runs),
      log,
      runLimits: options.runLimits,
      onFire: ({ run: _run, ...fired }) => {
        if (fired.error) log.warn(fired, 'a tick of a cron created no run');
        else if (fired.skipped > 0) log.warn(fired, 'ticks of a cron were missed; the newest was fired');
      },
      onError: (error) => {
        // While Postgres is away every look fails; the process says so once.
        if (!isPostgresUnavailable(error)) log.warn({ err: error }, 'sweep failed');
      },
    });
    this.#stopCatching = failRunsOnUnhandledRejection(log);
  }

  /** Resolves when the first heartbeat is confirmed: from then on runs may be claimed. @throws as `prepareStoreIndex` says */
  async start(): Promise<void> {
    await this.#prepareStore();
    await this.heartbeat.start();
    this.#source?.start();
    this.#sweeper.start();
  }

  /** Looks for runs in Postgres once: the queue gives out none, whatever waits in it. */
  lookInPostgres(): void {
    this.#source?.look();
  }

  /** Claims nothing more, lets runs go on for `graceMs`, gives back the rest, and leaves no trace as a worker. */
  async stop(graceMs: number): Promise<void> {
    await Promise.all([this.#source?.stop(), this.#sweeper.stop()]);
    await this.executor.drain(graceMs);
    await this.#engine.close();
    await this.heartbeat.stop();
    await this.#writer.close();
    this.#stopCatching();
  }
}

function isolatingEngine(options: RunnerOptions): GraphEngine {
  const { registry, store, graphsConfigPath, databaseUrl, isolatedProcesses } = options;
  const settings = { configPath: resolve(graphsConfigPath), databaseUrl };
  const processes = new IsolatedProcesses({
    limit: isolatedProcesses,
    launch: () => new IsolatedProcess(settings),
  });
  return new IsolatingEngine(new LangGraphEngine(registry, store.pool), processes);
}
