/**
 * Takes one run from claim to finish: the part of a run's way that is the same in a worker and in the single process.
 *
 * Hop 3 of a run's way, behind `apps/worker/src/run.processor.ts`. Before: `../run-queue/run-queue.ts`. After:
 * `packages/graphs/src/execute.ts`, whose events go to `../run-event-log/run-event-writer.ts`.
 */
import { CANCEL_GRACE_MS, JOB_TIMEOUT_SECONDS, testPoint } from '@longrun/contracts';
import { withLogIds } from '@longrun/telemetry';
import type { HeldRun } from '../liveness/heartbeat-messages.js';
import { Attempt } from './attempt.js';
import type { RunExecutorOptions } from './executor-options.js';
import { NOBODY } from './run-observer.js';

/** How long memory and Postgres may differ about who executes a run: a claim or an end is under way. */
const ORPHAN_AFTER_MS = 3_000;

export class RunExecutor {
  readonly #options: Required<RunExecutorOptions>;
  readonly #attempts = new Map<string, Attempt>();
  readonly #idle: (() => void)[] = [];
  /** Claims under way: each may bring a run. */
  #claims = 0;
  /** Runs that Postgres says are ours although nothing here executes them, since when (ms). */
  readonly #orphans = new Map<string, number>();
  #draining = false;

  constructor(options: RunExecutorOptions) {
    this.#options = {
      jobTimeoutMs: JOB_TIMEOUT_SECONDS * 1_000,
      cancelGraceMs: CANCEL_GRACE_MS,
      observer: NOBODY,
      ...options,
    };
    const { heartbeat } = options;
    heartbeat.on('held', (runs) => this.#compare(runs));
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
    if (this.#draining || !this.#options.heartbeat.isConfirmed) return false;
    const attempt = await this.#claim(runId);
    if (!attempt) return false;
    // The process was told to stop while the claim was under way.
    if (this.#draining) attempt.end('released');
    try {
      await attempt.execute();
    } finally {
      if (this.#attempts.get(runId) === attempt) this.#attempts.delete(runId);
      this.#tellIfIdle();
    }
    return true;
  }

  async #claim(runId: string): Promise<Attempt | null> {
    const { heartbeat, store, engine } = this.#options;
    this.#claims += 1;
    try {
      const run = await store.claim(runId, heartbeat.workerId, engine.graphIds);
      if (!run) return null;
      await testPoint('claim:after-commit');
      this.#options.observer.claimed(run.attempt, run.waitedMs);
      const attempt = new Attempt(run, this.#options);
      this.#attempts.set(runId, attempt);
      return attempt;
    } finally {
      this.#claims -= 1;
      this.#tellIfIdle();
    }
  }

  get #isIdle(): boolean {
    return this.#attempts.size === 0 && this.#claims === 0;
  }

  #tellIfIdle(): void {
    if (this.#isIdle) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Ends a run that has a cancel mark. A run or attempt that is not here is ignored. */
  cancel(runId: string, attempt: number): void {
    const active = this.#attempts.get(runId);
    if (active?.run.attempt === attempt) active.end('cancelled');
  }

  /** Ends a run if Postgres says that it has a cancel mark: a message alone decides nothing. */
  async cancelIfMarked(runId: string, attempt: number): Promise<void> {
    if (this.#attempts.get(runId)?.run.attempt !== attempt) return;
    const run = await this.#options.store.find(runId);
    if (run?.cancel_requested && run.attempt === attempt) this.cancel(runId, attempt);
  }

  /** Claims nothing more; lets runs go on for `graceMs`, then gives back what is left. Resolves when no run is here. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    this.#options.heartbeat.setState('draining');
    if (this.#isIdle) return;
    const idle = new Promise<void>((resolve) => this.#idle.push(resolve));
    const timer = setTimeout(() => {
      for (const attempt of this.#attempts.values()) attempt.end('released');
    }, graceMs);
    await idle;
    clearTimeout(timer);
  }

  /**
   * Compares what this process executes with what Postgres says it holds, at every heartbeat. A claim whose answer was lost, or an
   * end that could not be written, would otherwise leave a run with an owner that lives and does nothing.
   */
  #compare(held: readonly HeldRun[]): void {
    const now = performance.now();
    const seen = new Set<string>();
    for (const { runId, attempt, cancelled } of held) {
      if (cancelled) this.cancel(runId, attempt);
      if (this.#attempts.get(runId)?.run.attempt === attempt) continue;
      const key = `${runId}/${attempt}`;
      seen.add(key);
      const since = this.#orphans.get(key) ?? now;
      this.#orphans.set(key, since);
      if (now - since >= ORPHAN_AFTER_MS) {
        this.#orphans.delete(key);
        void withLogIds({ runId, attempt }, () => this.#giveBack(runId, attempt, cancelled));
      }
    }
    for (const key of this.#orphans.keys()) if (!seen.has(key)) this.#orphans.delete(key);
    const ids = new Set(held.map((run) => run.runId));
    for (const [runId, attempt] of this.#attempts) if (!ids.has(runId)) void attempt.checkHeld();
  }

  async #giveBack(runId: string, attempt: number, cancelled: boolean): Promise<void> {
    const { store, queue, bus, log } = this.#options;
    log.warn({}, 'run is held by this worker but not executed here; giving it back');
    try {
      const run = await store.find(runId);
      if (!run) return;
      if (cancelled) {
        const end = { status: 'interrupted' as const };
        const finished = await store.finish({ runId, threadId: run.thread_id, attempt, end });
        if (finished) bus.publish(runId, finished.events);
        if (finished) await queue.enqueue(finished.next);
      } else {
        const dispatch = await store.release(runId, attempt);
        if (dispatch) await queue.enqueue([dispatch]);
      }
    } catch {
      // Seen again at the next heartbeat.
    }
  }
}
