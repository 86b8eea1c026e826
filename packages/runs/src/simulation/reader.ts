/**
 * One reader of a log at an api: hears pushes, reads pages, hands out events in order. Follows `run-event-log/run-event-reader.ts`.
 */
import type { SimApi } from './api-process.js';
import type { Numbered } from './record.js';
import type { Listener } from './redis.js';
import { readEvents } from './run-statements.js';
import { ask, PARK, sleep, UNANSWERED, type Routine, type Task } from './scheduler.js';
import type { World } from './world.js';

const READ_RETRY_MS = 250;

export class SimReader implements Listener {
  cursor: number;
  lastHeardAt: number;
  task: Task | null = null;
  #buffer: Numbered[] = [];
  #mustRead = true;

  constructor(
    readonly runId: string,
    cursor: number,
    private readonly api: SimApi,
    private readonly world: World,
    /** Sends an event to the client; false when that was the last. */
    private readonly send: (event: Numbered) => boolean,
  ) {
    this.cursor = cursor;
    this.lastHeardAt = world.now;
  }

  *run(): Routine {
    const { redis, protections } = this.world;
    this.api.readers.add(this);
    if (protections.readerSubscribesFirst) redis.listeners.add(this);
    try {
      let isOpen = true;
      while (isOpen) {
        if (this.#buffer.length > 0) isOpen = this.#handOut(this.#buffer.splice(0));
        else if (this.#mustRead) {
          this.#mustRead = false;
          isOpen = this.#handOut(yield* this.#readPage());
          redis.listeners.add(this);
        } else yield PARK;
      }
    } finally {
      this.close();
    }
  }

  close(): void {
    this.world.redis.listeners.delete(this);
    this.api.readers.delete(this);
  }

  push(events: readonly Numbered[]): void {
    this.lastHeardAt = this.world.now;
    for (const one of events) this.#accept(one);
    this.#wake();
  }

  poke(): void {
    this.#mustRead = true;
    this.#wake();
  }

  #wake(): void {
    if (this.task) this.world.scheduler.wake(this.task);
  }

  #accept(one: Numbered): void {
    const expected = (this.#buffer.at(-1)?.seq ?? this.cursor) + 1;
    if (one.seq < expected) return;
    if (one.seq > expected && this.world.protections.readerChecksNumbers) {
      this.#buffer = [];
      this.#mustRead = true;
      return;
    }
    if (this.#mustRead && this.#buffer.length === 0) return;
    this.#buffer.push(one);
  }

  *#readPage(): Routine<Numbered[]> {
    const { record, redis } = this.world;
    const tail = redis.readTail(this.runId, this.cursor);
    if (tail.length > 0) return tail;
    try {
      return yield* ask('readEvents', () => readEvents(record, this.runId, this.cursor));
    } catch (error) {
      if (error !== UNANSWERED) throw error;
      this.#mustRead = true;
      yield sleep(READ_RETRY_MS);
      return [];
    }
  }

  #handOut(events: readonly Numbered[]): boolean {
    for (const one of events) {
      if (one.seq <= this.cursor) continue;
      this.cursor = one.seq;
      this.lastHeardAt = this.world.now;
      if (!this.send(one)) return false;
    }
    return true;
  }
}
