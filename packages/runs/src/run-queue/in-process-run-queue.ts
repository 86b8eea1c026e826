/**
 * The queue of single mode: the runs are executed by this process, so many at a time. What is over that waits in memory, by priority and
 * age; when the process ends, Postgres still knows it.
 */
import type { Dispatch } from '../run-store/dispatch.js';
import type { QueueEntry, RunQueue } from './run-queue.js';

/** Entries that are kept at most: of what is over that only Postgres knows, and reconcile brings it again. */
const MOST_WAITING = 10_000;

export class InProcessRunQueue implements RunQueue {
  readonly isLive = true;
  readonly #mostWaiting: number;
  #consumer: ((runId: string) => Promise<unknown>) | undefined;
  #capacity = 0;
  #running = 0;
  /** In the order in which they go. */
  #waiting: Dispatch[] = [];

  constructor({ mostWaiting = MOST_WAITING }: { mostWaiting?: number } = {}) {
    this.#mostWaiting = mostWaiting;
  }

  /**
   * Who gets the ids; without anybody they are dropped, and reconcile brings them again.
   *
   * @param consumer resolves or rejects when it is through with a run
   * @param capacity runs at a time
   */
  consume(consumer: (runId: string) => Promise<unknown>, capacity = Infinity): void {
    this.#consumer = consumer;
    this.#capacity = capacity;
  }

  async enqueue(dispatches: readonly Dispatch[]): Promise<void> {
    for (const dispatch of dispatches) {
      if (this.#consumer === undefined || this.#waiting.length >= this.#mostWaiting) return;
      const place = this.#waiting.findLastIndex(({ priority }) => priority <= dispatch.priority) + 1;
      this.#waiting.splice(place, 0, dispatch);
      this.#go();
    }
  }

  async waiting(entries: readonly QueueEntry[]): Promise<ReadonlySet<string>> {
    const ids = new Set(this.#waiting.map(({ runId }) => runId));
    return new Set(entries.map(({ runId }) => runId).filter((runId) => ids.has(runId)));
  }

  async close(): Promise<void> {
    this.#consumer = undefined;
    this.#waiting = [];
  }

  #go(): void {
    while (this.#consumer !== undefined && this.#running < this.#capacity) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running += 1;
      const through = (): void => {
        this.#running -= 1;
        this.#go();
      };
      this.#consumer(next.runId).then(through, through);
    }
  }
}
