/**
 * Writes the events of all runs of a process: group commit. The writer takes whatever waits, writes it in one statement,
 * and on commit publishes it and takes the next batch. There is no timer: the batch grows with the load.
 *
 * This is where an event gets its number: {@link RunEventWriter.open} is given the first, {@link RunEventAppender.append}
 * counts on.
 *
 * Hop 5 of a run's way. Before: `packages/graphs/src/execute.ts`, through `../execution/run-executor.ts`. After:
 * `apps/api/src/runs/run-stream.controller.ts`, through `run-event-hub.ts`.
 */
import { EVENT_LIMIT_BYTES, LongrunError, type RunEvent, testPoint } from '@longrun/contracts';
import { isStatementError } from '@longrun/database';
import { NOBODY, type RunObserver } from '../execution/run-observer.js';
import type pg from 'pg';
import { APPEND_EVENTS } from './append-events.sql.js';
import { LogSession } from './log-session.js';
import type { RunEventBus } from './run-event-bus.js';
import { RunEventAppender, type AppenderBatch } from './run-event-appender.js';

/** Events and bytes of one batch at most. */
const BATCH_EVENTS = 1_000;
const BATCH_BYTES = 1024 * 1024;
/** How long a run whose row is locked waits before its events are tried again. */
const LOCKED_RUN_WAIT_MS = 50;

export interface RunEventWriterOptions {
  /** One session for the writer alone, with a short lock timeout. */
  session: pg.ClientConfig;
  bus: RunEventBus;
  /** Largest event, bytes. Default 4 MB. */
  eventLimitBytes?: number;
  /** Told of commits and refusals. Default: nobody is. */
  observer?: Pick<RunObserver, 'appended' | 'writeRefused'>;
}

export class RunEventWriter {
  readonly #session: LogSession;
  readonly #bus: RunEventBus;
  readonly #eventLimitBytes: number;
  readonly #observer: Pick<RunObserver, 'appended' | 'writeRefused'>;
  /** Appenders with waiting events, in the order in which they began to wait. */
  readonly #waiting = new Set<RunEventAppender>();
  #writing = false;
  #closed = false;

  constructor(options: RunEventWriterOptions) {
    this.#session = new LogSession(options.session);
    this.#bus = options.bus;
    this.#eventLimitBytes = options.eventLimitBytes ?? EVENT_LIMIT_BYTES;
    this.#observer = options.observer ?? NOBODY;
  }

  /**
   * Begins to write the events of one attempt.
   *
   * @param firstSeq number of its first event
   */
  open(run: { runId: string; attempt: number; firstSeq: number }): RunEventAppender {
    return new RunEventAppender(run, {
      check: (event) => this.#check(event),
      wake: (appender) => this.#wake(appender),
    });
  }

  /** Stops; events that are still waiting fail. Close the appenders first. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const appender of this.#waiting) {
      appender.fail(new LongrunError('SHUTTING_DOWN', 'The process is stopping.'));
    }
    this.#waiting.clear();
    await this.#session.close();
  }

  #check(event: RunEvent): void {
    // A character is at most three bytes of UTF-8, so most events need not be measured.
    if (event.data.length * 3 <= this.#eventLimitBytes) return;
    const bytes = Buffer.byteLength(event.data);
    if (bytes > this.#eventLimitBytes) {
      throw new LongrunError(
        'EVENT_TOO_LARGE',
        `The graph produced a "${event.event}" event of ${bytes} bytes; the limit is ${this.#eventLimitBytes} (EVENT_LIMIT_BYTES). Keep large data outside the state, or raise the limit.`,
      );
    }
  }

  #wake(appender: RunEventAppender): void {
    if (this.#closed) {
      appender.fail(new LongrunError('SHUTTING_DOWN', 'The process is stopping.'));
      return;
    }
    this.#waiting.add(appender);
    if (this.#writing) return;
    this.#writing = true;
    // Everything that this turn of the event loop appends goes into the first batch.
    queueMicrotask(() => void this.#writeAll());
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.size > 0 && !this.#closed) {
      const batches = this.#takeBatch();
      if (batches.length > 0) await this.#writeBatch(batches);
    }
    this.#writing = false;
  }

  #takeBatch(): AppenderBatch[] {
    const batches: AppenderBatch[] = [];
    let events = 0;
    let bytes = 0;
    for (const appender of [...this.#waiting]) {
      this.#waiting.delete(appender);
      const batch = appender.take(BATCH_EVENTS - events, BATCH_BYTES - bytes);
      // Whoever did not get all of its events into this batch stands at the end of the line for the next one.
      if (appender.hasWaiting) this.#waiting.add(appender);
      if (batch) {
        batches.push(batch);
        events += batch.events.length;
        bytes += batch.bytes;
      }
      if (events >= BATCH_EVENTS || bytes >= BATCH_BYTES) break;
    }
    return batches;
  }

  async #writeBatch(batches: AppenderBatch[]): Promise<void> {
    const begunAt = performance.now();
    let held: Set<string>;
    try {
      held = await this.#insert(batches);
      await testPoint('append:after-commit');
    } catch (error) {
      if (this.#closed) {
        for (const batch of batches) batch.appender.fail(error);
      } else if (batches.length > 1) {
        // A locked row or bad data is one run's matter: the others must not wait for it.
        for (const batch of batches) await this.#writeBatch([batch]);
      } else if (batches[0]) {
        this.#settleFailedRun(batches[0], error);
      }
      return;
    }
    let committed = 0;
    for (const batch of batches) {
      if (held.has(keyOf(batch.appender))) {
        committed += batch.events.length;
        this.#bus.publish(batch.appender.runId, batch.events);
        batch.appender.committed(batch);
      } else {
        this.#observer.writeRefused();
        batch.appender.fence();
      }
    }
    if (committed > 0) this.#observer.appended(committed, performance.now() - begunAt);
  }

  #settleFailedRun(batch: AppenderBatch, error: unknown): void {
    const { appender } = batch;
    if (!this.#session.isLockConflict(error)) {
      this.#waiting.delete(appender);
      appender.fail(
        new LongrunError('INTERNAL', 'An event of the run cannot be stored by Postgres.', { cause: error }),
      );
      return;
    }
    this.#waiting.delete(appender);
    appender.putBack(batch);
    setTimeout(() => this.#wake(appender), LOCKED_RUN_WAIT_MS);
  }

  /** Returns the attempts that hold their runs. Sends the batch until Postgres has answered: after an unknown outcome the same batch goes before any later one. */
  async #insert(batches: AppenderBatch[]): Promise<Set<string>> {
    const values = batchValues(batches);
    for (;;) {
      try {
        await testPoint('append:before-commit');
        const rows = await this.#session.query<{ run_id: string; attempt: number }>({
          name: 'append-events',
          text: APPEND_EVENTS,
          values,
        });
        return new Set(rows.map((row) => keyOf({ runId: row.run_id, attempt: row.attempt })));
      } catch (error) {
        if (isStatementError(error) || this.#closed) throw error;
        await this.#session.reconnect();
      }
    }
  }
}

/** Names an attempt: a process may have two of one run, the later of which holds it. */
function keyOf({ runId, attempt }: { runId: string; attempt: number }): string {
  return `${runId}/${attempt}`;
}

function batchValues(batches: AppenderBatch[]): unknown[] {
  const runIds: string[] = [];
  const attempts: number[] = [];
  const seqs: number[] = [];
  const names: string[] = [];
  const data: string[] = [];
  for (const { appender, events } of batches) {
    for (const event of events) {
      runIds.push(appender.runId);
      attempts.push(appender.attempt);
      seqs.push(event.seq);
      names.push(event.event);
      data.push(event.data);
    }
  }
  return [
    batches.map((batch) => batch.appender.runId),
    batches.map((batch) => batch.appender.attempt),
    runIds,
    attempts,
    seqs,
    names,
    data,
  ];
}
