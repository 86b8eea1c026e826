/**
 * Pages of logs for all readers of one process: readers that fall behind the same run stand at the same places, and each page is asked for
 * once for all of them. They are handed the same arrays, so what is made of a page (see `apps/api/src/http/sse-response.ts`) is made once, too.
 */
import type { LogPage } from './read-log.js';

/** Bytes of data that are kept for readers that are a little behind the others: about 30 full pages. */
const KEPT_BYTES = 8 * 1024 * 1024;

/** A page that is being read. */
interface Reading {
  readonly page: Promise<LogPage>;
  /** What had been heard of the run when it began. */
  readonly heard: number;
}

export class SharedPages {
  readonly #read: (runId: string, cursor: number) => Promise<LogPage>;
  readonly #readings = new Map<string, Reading>();
  /** Full ones only, the oldest first: a log is never changed, so they stay what they are, and readers only go forward. */
  readonly #kept = new Map<string, LogPage>();
  readonly #keptLimit: number;
  #keptBytes = 0;

  /**
   * @param read asks for a page
   * @param keptBytes data of full pages that are kept. Default 8 MB
   */
  constructor(read: (runId: string, cursor: number) => Promise<LogPage>, keptBytes = KEPT_BYTES) {
    this.#read = read;
    this.#keptLimit = keptBytes;
  }

  /**
   * The events after `cursor`.
   *
   * @param heard counts what was heard of the run: a page that is not full and that began to be read before the last of it may lack that
   * @throws what reading throws
   */
  async read(runId: string, cursor: number, heard: number): Promise<LogPage> {
    const key = `${runId} ${cursor}`;
    for (;;) {
      const kept = this.#kept.get(key);
      if (kept) return kept;
      const reading = this.#readings.get(key);
      if (!reading) return this.#begin(key, runId, cursor, heard);
      const page = await reading.page;
      if (page.isFull || reading.heard >= heard) return page;
    }
  }

  /** The last reader of a run is gone. */
  forget(runId: string): void {
    for (const key of this.#kept.keys()) if (key.startsWith(runId)) this.#drop(key);
  }

  async #begin(key: string, runId: string, cursor: number, heard: number): Promise<LogPage> {
    const reading = { page: this.#read(runId, cursor), heard };
    this.#readings.set(key, reading);
    try {
      const page = await reading.page;
      if (page.isFull) this.#keep(key, page);
      return page;
    } finally {
      this.#readings.delete(key);
    }
  }

  #keep(key: string, page: LogPage): void {
    this.#kept.set(key, page);
    this.#keptBytes += sizeOf(page);
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= this.#keptLimit) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const page = this.#kept.get(key);
    if (page && this.#kept.delete(key)) this.#keptBytes -= sizeOf(page);
  }
}

function sizeOf({ events }: LogPage): number {
  return events.reduce((bytes, { data }) => bytes + data.length, 0);
}
