/**
 * The waiting events of one attempt, between the graph that produces them and the writer that commits them. Numbers them
 * and holds the graph back when too much is unwritten.
 */
import { LongrunError, type NumberedRunEvent, type RunEvent } from '@longrun/contracts';

/** Unwritten events and bytes of one run above which its graph waits. */
const UNWRITTEN_EVENTS = 1_000;
const UNWRITTEN_BYTES = 4 * 1024 * 1024;

export interface AppenderBatch {
  readonly appender: RunEventAppender;
  readonly events: readonly NumberedRunEvent[];
  readonly bytes: number;
}

interface Writer {
  /** @throws LongrunError EVENT_TOO_LARGE */
  check(event: RunEvent): void;
  wake(appender: RunEventAppender): void;
}

export class RunEventAppender {
  readonly runId: string;
  readonly attempt: number;
  readonly #writer: Writer;
  readonly #failed = new AbortController();
  #nextSeq: number;
  #events: NumberedRunEvent[] = [];
  #bytes = 0;
  #inFlight = 0;
  #inFlightBytes = 0;
  #waiters: { until: 'room' | 'empty'; resolve: () => void; reject: (reason: unknown) => void }[] = [];

  constructor(run: { runId: string; attempt: number; firstSeq: number }, writer: Writer) {
    this.runId = run.runId;
    this.attempt = run.attempt;
    this.#nextSeq = run.firstSeq;
    this.#writer = writer;
  }

  /** Aborts when the run was taken from this attempt (RUN_FENCED) or an event cannot be stored. */
  get signal(): AbortSignal {
    return this.#failed.signal;
  }

  get hasWaiting(): boolean {
    return this.#events.length > 0;
  }

  /**
   * Numbers an event and hands it to the writer.
   *
   * @returns a promise when too much is unwritten: the graph has to wait for it
   * @throws LongrunError EVENT_TOO_LARGE, or what ended this appender
   */
  append(event: RunEvent): Promise<void> | undefined {
    this.#failed.signal.throwIfAborted();
    this.#writer.check(event);
    this.#events.push({ seq: this.#nextSeq, event: event.event, data: event.data });
    this.#nextSeq += 1;
    this.#bytes += event.data.length;
    this.#writer.wake(this);
    return this.#hasRoom() ? undefined : this.#wait('room');
  }

  /** Resolves at once, or when the unwritten events are below the bound again. */
  whenRoom(): Promise<void> {
    if (this.#failed.signal.aborted) return Promise.reject(this.#failed.signal.reason as Error);
    return this.#hasRoom() ? Promise.resolve() : this.#wait('room');
  }

  /** Resolves when everything appended so far is committed. Rejects with what ended this appender. */
  flush(): Promise<void> {
    if (this.#failed.signal.aborted) return Promise.reject(this.#failed.signal.reason as Error);
    return this.#isEmpty() ? Promise.resolve() : this.#wait('empty');
  }

  /** For the writer: the next events within the limits, at least one. */
  take(maxEvents: number, maxBytes: number): AppenderBatch | null {
    // A batch of this run that is not settled yet goes first.
    if (this.#failed.signal.aborted || this.#inFlight > 0) return null;
    let count = 0;
    let bytes = 0;
    for (const event of this.#events) {
      if (count > 0 && (count >= maxEvents || bytes + event.data.length > maxBytes)) break;
      bytes += event.data.length;
      count += 1;
    }
    if (count === 0) return null;
    const events = this.#events.splice(0, count);
    this.#bytes -= bytes;
    this.#inFlight = count;
    this.#inFlightBytes = bytes;
    return { appender: this, events, bytes };
  }

  /** For the writer: the batch is committed. */
  committed(batch: AppenderBatch): void {
    this.#inFlight -= batch.events.length;
    this.#inFlightBytes -= batch.bytes;
    this.#settleWaiters();
  }

  /** For the writer: the batch was refused for now; it stands before everything else again. */
  putBack(batch: AppenderBatch): void {
    this.#events.unshift(...batch.events);
    this.#bytes += batch.bytes;
    this.#inFlight = 0;
    this.#inFlightBytes = 0;
  }

  /** For the writer: the run is no longer this attempt's. */
  fence(): void {
    this.fail(
      new LongrunError(
        'RUN_FENCED',
        `Attempt ${this.attempt} of run ${this.runId} was taken from this worker.`,
      ),
    );
  }

  /** Ends the appender: waiting events are dropped, waiters and later appends get `reason`. */
  fail(reason: unknown): void {
    if (this.#failed.signal.aborted) return;
    this.#failed.abort(reason);
    this.#events = [];
    this.#bytes = 0;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(reason);
  }

  #isEmpty(): boolean {
    return this.#events.length === 0 && this.#inFlight === 0;
  }

  #hasRoom(): boolean {
    return (
      this.#events.length + this.#inFlight < UNWRITTEN_EVENTS &&
      this.#bytes + this.#inFlightBytes < UNWRITTEN_BYTES
    );
  }

  #wait(until: 'room' | 'empty'): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ until, resolve, reject });
    });
  }

  #settleWaiters(): void {
    if (this.#waiters.length === 0) return;
    const room = this.#hasRoom();
    const empty = this.#isEmpty();
    this.#waiters = this.#waiters.filter((waiter) => {
      const done = waiter.until === 'room' ? room : empty;
      if (done) waiter.resolve();
      return !done;
    });
  }
}
