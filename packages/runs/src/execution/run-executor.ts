/**
 * Takes one run from claim to finish: the part of a run's way that is the same in a worker and in the single process.
 *
 * Hop 3 of a run's way, behind `apps/worker/src/run.processor.ts`. Before: `../run-queue/run-queue.ts`. After:
 * `packages/graphs/src/execute.ts`, whose events go to `../run-event-log/run-event-writer.ts`.
 */
import { JOB_TIMEOUT_SECONDS } from '@longrun/contracts';
import type { Heartbeat } from '../liveness/heartbeat.js';
import type { RunEventBus } from '../run-event-log/run-event-bus.js';
import type { RunEventWriter } from '../run-event-log/run-event-writer.js';
import type { RunQueue } from '../run-queue/run-queue.js';
import type { RunStore } from '../run-store/run-store.js';
import { Attempt } from './attempt.js';
import type { GraphEngine } from './execute-port.js';

export interface RunExecutorOptions {
  store: RunStore;
  writer: RunEventWriter;
  bus: RunEventBus;
  queue: RunQueue;
  heartbeat: Heartbeat;
  engine: GraphEngine;
  /** Longest run. Default 3,600 s. */
  jobTimeoutMs?: number;
  log: ExecutorLog;
}

/** What the executor tells its process to log. */
export interface ExecutorLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export class RunExecutor {
  readonly #options: Required<RunExecutorOptions>;
  readonly #attempts = new Map<string, Attempt>();
  readonly #idle: (() => void)[] = [];
  #draining = false;

  constructor(options: RunExecutorOptions) {
    this.#options = { jobTimeoutMs: JOB_TIMEOUT_SECONDS * 1_000, ...options };
    const { heartbeat } = options;
    heartbeat.on('cancel', ({ runId, attempt }) => this.cancel(runId, attempt));
    heartbeat.on('regained', () => {
      for (const attempt of this.#attempts.values()) void attempt.checkHeld();
    });
    heartbeat.on('lost', () => {
      for (const attempt of this.#attempts.values()) attempt.end('given-up');
    });
  }

  /** Runs that are being executed. */
  get active(): { runId: string; attempt: number }[] {
    return [...this.#attempts.values()].map(({ run }) => ({ runId: run.runId, attempt: run.attempt }));
  }

  get activeCount(): number {
    return this.#attempts.size;
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /**
   * Claims and executes a run. Resolves when this process has nothing more to do with it.
   *
   * @returns false when the claim was refused: the run goes on waiting, or is somebody else's
   * @throws the driver's error when Postgres is away at the claim
   */
  async process(runId: string): Promise<boolean> {
    const { heartbeat, store, engine } = this.#options;
    if (this.#draining || !heartbeat.isConfirmed) return false;
    const run = await store.claim(runId, heartbeat.workerId, engine.graphIds);
    if (!run) return false;
    const attempt = new Attempt(run, this.#options);
    this.#attempts.set(runId, attempt);
    // The process was told to stop while the claim was under way.
    if (this.#draining) attempt.end('released');
    try {
      await attempt.execute();
    } finally {
      if (this.#attempts.get(runId) === attempt) this.#attempts.delete(runId);
      if (this.#attempts.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
    return true;
  }

  /** Ends a run that has a cancel mark. A run or attempt that is not here is ignored. */
  cancel(runId: string, attempt: number): void {
    const active = this.#attempts.get(runId);
    if (active?.run.attempt === attempt) active.end('cancelled');
  }

  /** Ends a run whose graph failed outside its own flow, such as by an unhandled rejection. False when it is not here. */
  fail(runId: string, error: unknown): boolean {
    const active = this.#attempts.get(runId);
    active?.end('failed', error);
    return active !== undefined;
  }

  /** Claims nothing more; lets runs go on for `graceMs`, then gives back what is left. Resolves when no run is here. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    this.#options.heartbeat.setState('draining');
    if (this.#attempts.size === 0) return;
    const idle = new Promise<void>((resolve) => this.#idle.push(resolve));
    const timer = setTimeout(() => {
      for (const attempt of this.#attempts.values()) attempt.end('released');
    }, graceMs);
    await idle;
    clearTimeout(timer);
  }
}
