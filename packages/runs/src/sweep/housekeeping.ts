/**
 * The loop of the retention: duties that delete in batches, beside the looks of a sweeper, which must not wait for them.
 *
 * A full batch is followed by the next at once, after a pause as long as it took, so that half of the time is everybody else's.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Duty {
  /** Between two rounds, milliseconds. A round ends with a batch that was not full. */
  intervalMs: number;
  /** @returns whether there may be more */
  batch(): Promise<boolean>;
}

/** Of a pause: nobody gains by a longer one. */
const LONGEST_PAUSE_MS = 1_000;

interface Watched {
  duty: Duty;
  restedSince: number;
}

export class Housekeeping {
  readonly #duties: Watched[];
  readonly #mayGoOn: () => boolean;
  readonly #onError: (error: unknown) => void;
  readonly #stop = new AbortController();
  #round: Promise<void> | undefined;

  /** @param mayGoOn asked before each batch */
  constructor(duties: readonly Duty[], mayGoOn: () => boolean, onError: (error: unknown) => void) {
    this.#duties = duties.map((duty) => ({ duty, restedSince: -Infinity }));
    this.#mayGoOn = mayGoOn;
    this.#onError = onError;
  }

  /** Does what is due, and returns at once. */
  begin(): void {
    const now = performance.now();
    const due = this.#duties.filter(({ duty, restedSince }) => now - restedSince >= duty.intervalMs);
    if (this.#round || this.#stop.signal.aborted || due.length === 0) return;
    this.#round = this.#do(due).finally(() => (this.#round = undefined));
  }

  /** Resolves when everything that had expired is gone. */
  async settled(): Promise<void> {
    await this.#round;
  }

  /** Resolves after the batch under way; nothing begins afterwards. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#round;
  }

  /** In turns: none waits until another has no more. */
  async #do(due: readonly Watched[]): Promise<void> {
    for (let left = [...due]; left.length > 0;) {
      for (const watched of left) {
        if (this.#stop.signal.aborted || !this.#mayGoOn()) return;
        const startedAt = performance.now();
        const isMore = await watched.duty.batch().catch((error: unknown) => {
          this.#onError(error);
          return false;
        });
        if (!isMore) {
          watched.restedSince = performance.now();
          left = left.filter((one) => one !== watched);
        }
        await this.#pause(performance.now() - startedAt);
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stop;
    await sleep(Math.min(ms, LONGEST_PAUSE_MS), undefined, { signal }).catch(() => undefined);
  }
}
