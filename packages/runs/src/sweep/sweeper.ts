/**
 * What keeps the promise when a process cannot: rescues the runs of dead workers, finds pending runs that no queue knows,
 * and cleans up. Every duty is safe to run twice, at the same time, anywhere: the sweeper runs it as a service, workers and
 * the single process when no sweeper is seen.
 */
import { LongrunError, REDISPATCH_AFTER_MS, SWEEP_INTERVAL_MS, testPoint } from '@longrun/contracts';
import { CronFirer } from '../crons/cron-firer.js';
import type { FiredCron } from '../crons/fire-cron.js';
import type { ExecutorLog } from '../execution/executor-options.js';
import type { RunLimit } from '../run-request/run-limits.js';
import { FORGET_WORKER } from '../liveness/heartbeat.sql.js';
import {
  LivenessObserver,
  type LivenessObserverOptions,
  type Verdict,
} from '../liveness/liveness-observer.js';
import type { RunEventBus } from '../run-event-log/run-event-bus.js';
import type { RunQueue } from '../run-queue/run-queue.js';
import { dispatchesOf } from '../run-store/rescue-runs.js';
import type { RunStore } from '../run-store/run-store.js';
import type { WebhookSender } from '../webhooks/webhook-sender.js';
import { Housekeeping } from './housekeeping.js';
import { retentionDuties, type RetentionSettings } from './retention.js';
import { logDispatches, logRescue } from './sweep-log.js';
import { noCounts, type SweepCounts } from './sweep-counts.js';
import { LOOK, LOOK_AND_BE_SEEN, type LookRow } from './look.sql.js';
import { SWEEPER_GONE } from './sweep.sql.js';

/** Runs dispatched by one pass at most: reconcile must not flood the queue it repairs. */
const DISPATCH_LIMIT = 500;

export interface SweeperOptions {
  sweeperId: string;
  store: RunStore;
  queue: RunQueue;
  bus: RunEventBus;
  /** How often it looks. Default 500 ms. */
  intervalMs?: number;
  redispatchAfterMs?: number;
  /** How long things are kept, and how they are deleted. */
  retention?: RetentionSettings;
  liveness?: LivenessObserverOptions;
  /** False lets it rest: somebody else is at work. Asked before each look. Default always. */
  isOnDuty?: () => boolean;
  /** It shows itself in the `sweeper` table, so that workers leave the duty to it. Default false. */
  announce?: boolean;
  /** Delivers the webhooks of the outbox. Default: somebody else does. */
  webhooks?: WebhookSender;
  /** Limits of runs at a time, for those of crons. Default: none. */
  runLimits?: readonly RunLimit[];
  /** Told of every tick of a cron that was due, with its run or without. */
  onFire?: (fired: FiredCron) => void;
  /** Called after every look that succeeded. */
  onLook?: () => void;
  /** Told how many runs were taken from a dead worker. */
  onRescue?: (runs: number) => void;
  onError?: (error: unknown) => void;
  /** Told what it does with runs. Default: nobody is. */
  log?: ExecutorLog;
}

export class Sweeper {
  /** What it has done until now. */
  readonly counts: Readonly<SweepCounts>;
  readonly #counts = noCounts();
  readonly #options: SweeperOptions;
  #observer: LivenessObserver;
  #timer: NodeJS.Timeout | undefined;
  #look: Promise<void> = Promise.resolve();
  #stopped = true;
  readonly #housekeeping: Housekeeping;
  readonly #crons: CronFirer;
  /** When the next tick of a cron comes due, by our own clock. */
  #nextTickAt = Infinity;

  constructor(options: SweeperOptions) {
    this.#options = options;
    this.#observer = new LivenessObserver(options.liveness);
    const { store, queue, bus, runLimits: limits, onError } = options;
    const onFire = (fired: FiredCron): void => {
      if (fired.run) this.#counts.fired += 1;
      options.onFire?.(fired);
    };
    this.counts = this.#counts;
    this.#housekeeping = new Housekeeping(
      retentionDuties(store.pool, options.retention ?? {}, this.#counts),
      () => this.#isOnDuty,
      (error) => onError?.(error),
    );
    this.#crons = new CronFirer({ store, queue, bus, limits, onFire, onError });
  }

  start(): void {
    this.#stopped = false;
    this.#schedule(0);
  }

  /** Stops after the look under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#look;
    await this.#housekeeping.stop();
    await this.#options.webhooks?.stop();
    await this.#crons.settled();
    if (this.#options.announce) {
      await this.#pool.query(SWEEPER_GONE, [this.#options.sweeperId]).catch(() => undefined);
    }
  }

  /** Resolves when all is gone that had expired when a look found it. */
  settled(): Promise<void> {
    return this.#housekeeping.settled();
  }

  /** One look: judge workers, rescue, reconcile, fire crons; and now and then cleaning up begins, which goes on beside the next looks. */
  async lookOnce(): Promise<void> {
    const look = await this.#ask();
    const answeredAt = performance.now();
    const verdicts = this.#judge(look, answeredAt);
    await this.#rescue(verdicts);
    // What was said before a rescue is not up to date after it.
    const isOld = verdicts.length > 0;
    if (look.runs_due || isOld) await this.#reconcile();
    if (look.deliveries_due || isOld) {
      this.#counts.webhooks += (await this.#options.webhooks?.deliverDue()) ?? 0;
    }
    if (look.crons_due || isOld) this.#expectTick(await this.#crons.look(), performance.now());
    else this.#expectTick(look.next_tick_in_ms, answeredAt);
    this.#housekeeping.begin();
    this.#options.onLook?.();
  }

  get #isOnDuty(): boolean {
    return this.#options.isOnDuty?.() ?? true;
  }

  get #pool() {
    return this.#options.store.pool;
  }

  #schedule(delayMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#look = this.#lookIfOnDuty().finally(() => this.#schedule(this.#pauseMs()));
    }, delayMs);
  }

  /** Until the next look; shorter when a cron comes due before it. */
  #pauseMs(): number {
    const intervalMs = this.#options.intervalMs ?? SWEEP_INTERVAL_MS;
    // A little late rather than early, when nothing would be due.
    const tickMs = Math.max(0, Math.ceil(this.#nextTickAt - performance.now())) + 1;
    this.#nextTickAt = Infinity;
    return Math.min(intervalMs, tickMs);
  }

  #expectTick(inMs: number | null, answeredAt: number): void {
    this.#nextTickAt = inMs === null ? Infinity : answeredAt + inMs;
  }

  async #lookIfOnDuty(): Promise<void> {
    if (!this.#isOnDuty) {
      // What was observed before a rest says nothing about now.
      this.#observer = new LivenessObserver(this.#options.liveness);
      return;
    }
    try {
      await this.lookOnce();
    } catch (error) {
      this.#options.onError?.(error);
    }
  }

  async #ask(): Promise<LookRow> {
    const { announce, sweeperId, redispatchAfterMs: afterMs = REDISPATCH_AFTER_MS } = this.#options;
    const statement = announce
      ? { name: 'look-and-be-seen', text: LOOK_AND_BE_SEEN, values: [afterMs / 1_000, sweeperId] }
      : { name: 'look', text: LOOK, values: [afterMs / 1_000] };
    const { rows } = await this.#pool.query<LookRow>(statement);
    if (!rows[0]) throw new LongrunError('INTERNAL', 'Postgres did not answer a look.');
    return rows[0];
  }

  #judge({ postmaster_start: postmasterStart, workers }: LookRow, answeredAt: number): Verdict[] {
    return this.#observer.observe({ postmasterStart, workers }, answeredAt);
  }

  async #rescue(verdicts: readonly Verdict[]): Promise<void> {
    for (const verdict of verdicts) {
      const rescued = await this.#options.store.rescue(verdict);
      await testPoint('rescue:after-commit');
      this.#counts.rescued += rescued.length;
      if (rescued.length > 0) {
        if (this.#options.log) logRescue(this.#options.log, verdict, rescued);
        this.#options.onRescue?.(rescued.length);
      }
      await this.#options.queue.enqueue(rescued.flatMap(dispatchesOf));
      for (const run of rescued) {
        if (run.outcome === 'finished') this.#options.bus.publish(run.runId, run.finished.events);
      }
      await this.#pool.query(FORGET_WORKER, [verdict.workerId, verdict.beat]);
    }
  }

  async #reconcile(): Promise<void> {
    const afterMs = this.#options.redispatchAfterMs ?? REDISPATCH_AFTER_MS;
    const { store, queue } = this.#options;
    const dispatches = await store.dispatchDue(afterMs, DISPATCH_LIMIT, (entries) => queue.waiting(entries));
    if (dispatches.length > 0) await testPoint('dispatch:after-commit');
    if (this.#options.log) logDispatches(this.#options.log, dispatches);
    await queue.enqueue(dispatches);
    this.#counts.dispatched += dispatches.length;
  }
}
