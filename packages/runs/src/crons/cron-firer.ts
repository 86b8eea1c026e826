/**
 * Fires what is due, as a duty of the sweeper. Its looks do not wait for it: a thread that is locked must not delay the verdict on a
 * dead worker.
 */
import type { RunEventBus } from '../run-event-log/run-event-bus.js';
import type { RunQueue } from '../run-queue/run-queue.js';
import type { RunLimit } from '../run-request/run-limits.js';
import type { CreatedRun } from '../run-store/create-run-input.js';
import type { RunStore } from '../run-store/run-store.js';
import { fireCron, type FiredCron } from './fire-cron.js';
import { DUE_CRONS, type DueCronsRow } from './sql/due-crons.sql.js';

/** Crons fired after one look at most; the next look takes the others. */
const FIRE_LIMIT = 200;

export interface CronFirerOptions {
  store: RunStore;
  queue: RunQueue;
  bus: RunEventBus;
  /** Limits of runs at a time. Default: none. */
  limits?: readonly RunLimit[] | undefined;
  onFire?: ((fired: FiredCron) => void) | undefined;
  onError?: ((error: unknown) => void) | undefined;
}

export class CronFirer {
  readonly #options: CronFirerOptions;
  #firing: Promise<void> | null = null;

  constructor(options: CronFirerOptions) {
    this.#options = options;
  }

  /**
   * Looks for crons that are due and begins to fire them, unless it is still at it.
   *
   * @returns milliseconds until the next tick; null when there is none
   */
  async look(): Promise<number | null> {
    const { rows } = await this.#options.store.pool.query<DueCronsRow>({
      name: 'due-crons',
      text: DUE_CRONS,
      values: [FIRE_LIMIT],
    });
    const row = rows[0];
    if (!row) return null;
    if (row.due.length > 0) {
      this.#firing ??= this.#fireAll(row.due).finally(() => {
        this.#firing = null;
      });
    }
    return row.next_in_ms;
  }

  /** Resolves when nothing is being fired. */
  async settled(): Promise<void> {
    await this.#firing;
  }

  /** One after the other; what fails is tried again at the next look and keeps nobody else waiting. */
  async #fireAll(cronIds: readonly string[]): Promise<void> {
    const wakes: Promise<void>[] = [];
    for (const cronId of cronIds) {
      try {
        const fired = await fireCron(this.#options.store, cronId, this.#options.limits);
        if (!fired) continue;
        if (fired.run) wakes.push(this.#wake(fired.run));
        this.#options.onFire?.(fired);
      } catch (error) {
        this.#options.onError?.(error);
      }
    }
    // A queue that is away keeps no cron waiting: what it does not hear of is dispatched again.
    await Promise.allSettled(wakes);
  }

  async #wake({ dispatch, ended }: CreatedRun): Promise<void> {
    // The runs that the strategy marked are heard of with the next heartbeat of their worker.
    for (const finished of ended) this.#options.bus.publish(finished.runId, finished.events);
    // What an ended run made room for; not those that were ended after it.
    const gone = new Set(ended.map(({ runId }) => runId));
    const next = ended.flatMap((finished) => finished.next).filter(({ runId }) => !gone.has(runId));
    const dispatches = dispatch ? [...next, dispatch] : next;
    if (dispatches.length > 0) await this.#options.queue.enqueue(dispatches);
  }
}
