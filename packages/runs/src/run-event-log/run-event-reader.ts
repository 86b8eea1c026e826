/**
 * One reader of a run's log: the cursor algorithm. It hears pushes, reads pages, and hands out every event exactly once and
 * in order, whatever the pushes lose, repeat or reorder.
 *
 * A reader that is slower than the run holds a bounded buffer; when that is full it forgets it and reads the log again from its
 * cursor once it has caught up. Nothing is dropped, nothing is skipped.
 */
import { END_EVENT, type LongrunError, READER_BUFFER_BYTES, type NumberedRunEvent } from '@longrun/contracts';
import type { LogPage } from './read-log.js';
import type { BusMessage } from './run-event-bus.js';

/** One for all readers of a process. */
export interface ReaderSource {
  /** Events of the run after the cursor; none when there are none yet. May throw while Postgres is away. */
  read(runId: string, cursor: number): Promise<LogPage>;
  /** The reader is done. */
  closed(reader: RunEventReader): void;
}

/** Wait before a page is asked for again after a failure. */
const READ_RETRY_MS = 250;

export class RunEventReader {
  readonly runId: string;
  readonly #source: ReaderSource;
  readonly #bufferLimit: number;
  #cursor: number;
  #buffer: NumberedRunEvent[] = [];
  #bufferBytes = 0;
  #bufferedAt: number | undefined;
  #mustRead: boolean;
  #ended = false;
  #failure: LongrunError | undefined;
  #wake: (() => void) | undefined;

  /** When the first event of what `next` last returned was heard, by the monotonic clock; undefined for a page of the log. */
  heardAt: number | undefined;

  /** When this reader last moved or was last checked, for the hub's question about silent runs. */
  lastHeardAt = performance.now();

  constructor(
    runId: string,
    cursor: number,
    source: ReaderSource,
    options: { mustRead?: boolean; bufferBytes?: number } = {},
  ) {
    this.runId = runId;
    this.#cursor = cursor;
    this.#source = source;
    this.#mustRead = options.mustRead ?? true;
    this.#bufferLimit = options.bufferBytes ?? READER_BUFFER_BYTES;
  }

  /** Last seq handed out; -1 for none. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Bytes that wait for this reader, bounded by READER_BUFFER_BYTES. */
  get bufferedBytes(): number {
    return this.#bufferBytes;
  }

  /**
   * The next events, in order, without a hole; null after the end record has been handed out or after `close`.
   *
   * @throws LongrunError RUN_NOT_FOUND when the run was deleted or its log pruned before the reader had all of it
   */
  async next(): Promise<readonly NumberedRunEvent[] | null> {
    for (;;) {
      if (this.#ended) return null;
      if (this.#failure) throw this.#failure;
      if (this.#buffer.length > 0) return this.#advance(this.#takeBuffer());
      if (this.#mustRead) {
        this.#mustRead = false;
        const { events, isFull } = await this.#readPage();
        if (events.length > 0) {
          this.heardAt = undefined;
          // A page that is not full reaches up to what is pushed from here on.
          if (isFull) this.#mustRead = true;
          return this.#advance(events);
        }
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Goes on behind `seq`: what is up to there is not wanted. */
  skipTo(seq: number): void {
    if (seq > this.#cursor) this.#moveTo(seq);
  }

  /** For the hub: a push arrived. */
  push(message: BusMessage): void {
    if (message.kind === 'announce') {
      if (message.last > this.#cursor) this.poke();
      return;
    }
    for (const event of message.events) this.#accept(event);
    if (this.#buffer.length > 0 || this.#mustRead) this.#notify();
  }

  /** For the hub: something may have been missed; look into the log. */
  poke(): void {
    this.#mustRead = true;
    this.#notify();
  }

  /** For the hub: what the reader still lacks is gone. */
  fail(error: LongrunError): void {
    this.#failure = error;
    this.#notify();
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#buffer = [];
    this.#bufferBytes = 0;
    this.#source.closed(this);
    this.#notify();
  }

  #accept(event: NumberedRunEvent): void {
    const expected = (this.#buffer.at(-1)?.seq ?? this.#cursor) + 1;
    if (event.seq < expected) return;
    if (event.seq > expected || this.#bufferBytes + event.data.length > this.#bufferLimit) {
      this.#forgetBuffer();
      return;
    }
    // While a page has to be read anyway it brings this event too.
    if (this.#mustRead && this.#buffer.length === 0) return;
    if (this.#buffer.length === 0) this.#bufferedAt = this.lastHeardAt;
    this.#buffer.push(event);
    this.#bufferBytes += event.data.length;
  }

  #forgetBuffer(): void {
    this.#buffer = [];
    this.#bufferBytes = 0;
    this.#mustRead = true;
  }

  #takeBuffer(): NumberedRunEvent[] {
    const events = this.#buffer;
    this.heardAt = this.#bufferedAt;
    this.#buffer = [];
    this.#bufferBytes = 0;
    return events;
  }

  /** Hands out `events`. */
  #advance(events: NumberedRunEvent[]): readonly NumberedRunEvent[] {
    const last = events.at(-1);
    if (!last) return events;
    this.#moveTo(last.seq);
    if (last.event === END_EVENT) {
      this.#ended = true;
      this.#source.closed(this);
    }
    return events;
  }

  /** Moves the cursor and forgets what the buffer holds up to there. */
  #moveTo(seq: number): void {
    this.#cursor = seq;
    this.lastHeardAt = performance.now();
    const known = this.#buffer.findIndex((event) => event.seq > seq);
    this.#buffer = known === -1 ? [] : this.#buffer.slice(known);
    this.#bufferBytes = this.#buffer.reduce((bytes, event) => bytes + event.data.length, 0);
    if (this.#buffer[0] && this.#buffer[0].seq !== seq + 1) this.#forgetBuffer();
  }

  async #readPage(): Promise<LogPage> {
    try {
      return await this.#source.read(this.runId, this.#cursor);
    } catch {
      // Postgres is away: hold the stream, it heals by itself.
      this.#mustRead = true;
      await new Promise((resolve) => setTimeout(resolve, READ_RETRY_MS));
      return { events: [], isFull: false };
    }
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
