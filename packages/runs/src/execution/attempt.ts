/**
 * One attempt of one run: its events, its end, and every way in which it can end early.
 */
import {
  isLongrunError,
  ERROR_EVENT,
  METADATA_EVENT,
  type MetadataEventData,
  type RunEvent,
  type UnwrittenCheckpoints,
  type WireError,
  testPoint,
} from '@longrun/contracts';
import { isLockConflict, isPostgresUnavailable } from '@longrun/database';
import { inSpan } from '@longrun/telemetry';
import type { RunEventAppender } from '../run-event-log/run-event-appender.js';
import type { ClaimedRun } from '../run-store/claim-run.js';
import type { RunEnd } from '../run-store/finish-run.js';
import { dispatchesOf } from '../run-store/rescue-runs.js';
import { AttemptEnd, type AttemptEndKind } from './attempt-end.js';
import { traceAttempt } from './attempt-trace.js';
import { GraphProcessDied, type ExecutedRun } from './execute-port.js';
import type { AttemptOutcome } from './run-observer.js';
import { retryDelaySeconds } from './retry-policy.js';
import type { RunExecutorOptions } from './executor-options.js';

/** Wait before a finish or release is tried again while Postgres is away. */
const POSTGRES_RETRY_MS = 200;
/** Events that are still unwritten at a release get this long. */
const RELEASE_FLUSH_MS = 1_000;

/** An end that is held up for this long, by a lock or by events, does not hold back what its graph has done. */
const HELD_UP_MS = 250;

/** Of a graph that was left. */
const GONE = { done: true, value: undefined } as const;

export class Attempt {
  readonly run: ClaimedRun;
  readonly #options: Required<RunExecutorOptions>;
  readonly #controller = new AbortController();
  readonly #appender: RunEventAppender;
  readonly #begunAt = performance.now();
  /** When a cancel was heard of. */
  #cancelledAt: number | undefined;
  #outcome: AttemptOutcome = 'lost';
  /** What its run, or this attempt of it, has failed with. */
  #error: WireError | undefined;
  #errorEventWritten = false;
  /** What the graph has left for its end to write. */
  #unwritten: UnwrittenCheckpoints | undefined;
  #heldUp: NodeJS.Timeout | undefined;
  /** The write by which earlier crashes no longer count. */
  #forgiven: Promise<void> | undefined;

  constructor(run: ClaimedRun, options: Required<RunExecutorOptions>) {
    this.run = run;
    this.#options = options;
    const { runId, attempt, nextSeq } = run;
    this.#appender = options.writer.open({ runId, attempt, firstSeq: nextSeq });
    this.#appender.signal.addEventListener('abort', () => this.#endForLog());
  }

  /** Ends the attempt early. The first reason counts. */
  end(kind: AttemptEndKind, cause?: unknown): void {
    if (this.#controller.signal.aborted) return;
    if (kind === 'cancelled') this.#cancelledAt = performance.now();
    this.#controller.abort(new AttemptEnd(kind, cause));
  }

  /** After a doubt about this worker's liveness: goes on only if the run is still this attempt's. */
  async checkHeld(): Promise<void> {
    const { runId, attempt } = this.run;
    const held = await this.#options.store.holds(runId, attempt).catch(() => true);
    if (!held) this.end('fenced');
  }

  /** Executes the graph and brings the run to its next status. Never throws: what cannot be written is left to the rescue. */
  execute(): Promise<void> {
    return traceAttempt(this.run, async () => {
      await this.#execute();
      return { outcome: this.#outcome, error: this.#error };
    });
  }

  async #execute(): Promise<void> {
    const { threadId } = this.run;
    const { jobTimeoutMs, log, bus, observer } = this.#options;
    if (!this.run.kwargs.temporary) bus.tellThread(threadId, 'run');
    const timer = setTimeout(() => this.end('timed-out'), jobTimeoutMs);
    log.debug({ graphId: this.run.graphId }, 'run claimed');
    try {
      const end = await this.#executeGraph();
      if (!(await this.#retry(end))) await this.#finish(end);
    } catch (error) {
      await this.#endEarly(error).catch((failure: unknown) => {
        log.error({ err: failure }, 'run could not be ended; it will be rescued');
      });
    } finally {
      clearTimeout(timer);
      clearTimeout(this.#heldUp);
      const ms = performance.now() - this.#begunAt;
      observer.attemptEnded(this.#outcome, ms, this.run.ageMs + ms);
    }
  }

  /** Tells readers that an attempt has begun. */
  async #announce(): Promise<void> {
    const { runId, attempt, written } = this.run;
    if (written.length > 0) return this.#options.bus.publish(runId, written);
    const metadata: MetadataEventData = { run_id: runId, attempt };
    await this.#appender.append({ event: METADATA_EVENT, data: JSON.stringify(metadata) });
  }

  async #executeGraph(): Promise<RunEnd> {
    const { signal } = this.#controller;
    await this.#announce();
    // What was published leaves with the turn of the event loop, and a graph may take the next milliseconds of it.
    await new Promise(setImmediate);
    signal.throwIfAborted();
    const events = this.#options.engine.execute({
      run: this.run,
      signal,
      beforeWrite: () => this.#beforeWrite(signal),
      onProgress: () => this.#onProgress(),
      cancelGraceMs: this.#options.cancelGraceMs,
    });
    try {
      return await this.#record(events, signal);
    } catch (error) {
      const { kind, cause } = this.#reasonOf(error);
      this.end(kind, cause);
      // Left by itself it commits what its graph has done by now, and the thread that is read next shows it.
      for (;;) {
        const item = await events.next().catch(() => GONE);
        if (!item.done) continue;
        this.#leave(item.value?.unwritten);
        throw error;
      }
    }
  }

  /** Hands every event to the log, until the graph ends. */
  async #record(events: AsyncGenerator<RunEvent, ExecutedRun>, signal: AbortSignal): Promise<RunEnd> {
    for (;;) {
      const item = await events.next();
      if (item.done) this.#leave(item.value.unwritten);
      signal.throwIfAborted();
      if (item.done) {
        await this.#appender.flush();
        return { status: item.value.status, thread: item.value.thread, ...errorOf(item.value) };
      }
      if (item.value.event === ERROR_EVENT) {
        // Clients take an error for the end: they are told only of the one that is.
        if (this.#retryDelay(JSON.parse(item.value.data) as WireError) !== null) continue;
        this.#errorEventWritten = true;
      }
      const room = this.#appender.append(item.value);
      if (room) await room;
    }
  }

  /**
   * Holds the graph at its next write while this worker may be taken for dead, and while too many of its events are
   * unwritten: LangGraph itself does not wait for the reader of its stream.
   */
  async #beforeWrite(signal: AbortSignal): Promise<void> {
    await this.#options.heartbeat.whenConfirmed(signal);
    await this.#appender.whenRoom();
  }

  #onProgress(): void {
    if (this.#forgiven || this.run.crashes === 0) return;
    const { runId, attempt } = this.run;
    this.#forgiven = this.#options.store.resetCrashes(runId, attempt).catch(() => {
      this.#forgiven = undefined;
    });
  }

  #endForLog(): void {
    const reason: unknown = this.#appender.signal.reason;
    if (isLongrunError(reason, 'RUN_FENCED')) this.end('fenced', reason);
    else if (isLongrunError(reason, 'SHUTTING_DOWN')) this.end('given-up', reason);
    else this.end('failed', reason);
  }

  async #endEarly(error: unknown): Promise<void> {
    const end = this.#reasonOf(error);
    this.end(end.kind, end.cause);
    this.#options.log.warn({ reason: end.kind, err: end.cause }, 'run left its graph early');
    if (end.kind !== 'fenced' && end.kind !== 'given-up') await this.#writeUnwritten();
    if (end.kind === 'cancelled') await this.#finishWithThread({ status: 'interrupted' });
    else if (end.kind === 'timed-out')
      await this.#finishWithThread({ status: 'timeout', error: this.#timeout() });
    else if (end.kind === 'failed') {
      const failure = failureEnd(end.cause);
      if (!(await this.#retry(failure))) await this.#finishWithThread(failure);
    } else if (end.kind === 'released') await this.#release();
    else if (end.kind === 'crashed') await this.#chargeCrash();
  }

  #reasonOf(error: unknown): AttemptEnd {
    if (error instanceof AttemptEnd) return error;
    const { reason } = this.#controller.signal as { reason: unknown };
    if (reason instanceof AttemptEnd) return reason;
    if (error instanceof GraphProcessDied) return new AttemptEnd('crashed', error);
    return new AttemptEnd(isLongrunError(error, 'RUN_FENCED') ? 'fenced' : 'failed', error);
  }

  #timeout(): WireError {
    const seconds = this.#options.jobTimeoutMs / 1_000;
    const message = `The run took longer than ${seconds} s (JOB_TIMEOUT_SECONDS).`;
    return { error: 'RunTimeoutError', message };
  }

  /** Leaves the last checkpoints to the end, unless that keeps them waiting. */
  #leave(unwritten: UnwrittenCheckpoints | undefined): void {
    if (!unwritten) return;
    this.#unwritten = unwritten;
    this.#heldUp = setTimeout(() => void unwritten.write().catch(() => undefined), HELD_UP_MS);
  }

  /** What a graph has done belongs to the thread that is read next, however its run ends. */
  async #writeUnwritten(): Promise<void> {
    const unwritten = this.#unwritten;
    this.#unwritten = undefined;
    if (!unwritten) return;
    await this.#withTimeout(unwritten.write(), this.#options.cancelGraceMs).catch(() => undefined);
  }

  /** Ends the run with the thread as its last checkpoint shows it, if that can be read in the time a cancel has. */
  async #finishWithThread(end: RunEnd): Promise<void> {
    const { cancelGraceMs } = this.#options;
    await this.#withTimeout(this.#appender.flush(), cancelGraceMs).catch(() => undefined);
    const read = this.#options.engine.readThread(this.run).catch(() => null);
    const thread = await this.#withTimeout(read, cancelGraceMs).catch(() => null);
    const status = end.status === 'interrupted' ? 'idle' : 'error';
    await this.#finish(thread ? { ...end, thread: { ...thread, status } } : end);
  }

  async #finish(end: RunEnd): Promise<void> {
    const { runId, threadId, attempt } = this.run;
    const { store, bus, queue, log, observer } = this.#options;
    const errorEventWritten = this.#errorEventWritten;
    this.#error = end.error;
    const unwritten = this.#unwritten;
    const finished = await inSpan('finish', {}, () =>
      this.#untilPostgresAnswers(() =>
        store.finish({ runId, threadId, attempt, end, errorEventWritten, unwritten }),
      ),
    );
    if (!finished) {
      log.warn({}, 'run was taken from this attempt before it ended');
      return;
    }
    await testPoint('finish:after-commit');
    this.#outcome = finished.status;
    if (this.#cancelledAt !== undefined) observer.cancelled(performance.now() - this.#cancelledAt);
    bus.publish(runId, finished.events);
    void queue.enqueue(finished.next);
    log.info({ status: finished.status }, 'run ended');
  }

  /** Seconds until the run's policy wants it started again; null when it does not. */
  #retryDelay(error: WireError): number | null {
    return retryDelaySeconds(this.run.kwargs.retry_policy, this.run.retries, error);
  }

  /** Gives a failed run back if its policy says so. False when the run is to end. */
  async #retry({ status, error }: RunEnd): Promise<boolean> {
    const delay = status === 'error' && error ? this.#retryDelay(error) : null;
    if (delay === null) return false;
    const { runId, attempt, retries } = this.run;
    await this.#withTimeout(this.#appender.flush(), RELEASE_FLUSH_MS).catch(() => undefined);
    const isRetried = await this.#untilPostgresAnswers(() =>
      this.#options.store.retry(runId, attempt, delay),
    );
    if (!isRetried) return false;
    this.#outcome = 'retried';
    this.#error = error;
    this.#options.log.info({ retries, delay, error }, 'run failed; its policy retries it');
    return true;
  }

  async #release(): Promise<void> {
    const { runId, attempt } = this.run;
    const { store, queue, log } = this.#options;
    await this.#withTimeout(this.#appender.flush(), RELEASE_FLUSH_MS).catch(() => undefined);
    await testPoint('release:before-commit');
    const dispatch = await this.#untilPostgresAnswers(() => store.release(runId, attempt));
    await testPoint('release:after-commit');
    if (dispatch) {
      this.#outcome = 'released';
      await queue.enqueue([dispatch]);
      log.info({}, 'run released');
    } else {
      // It has a cancel mark, or it is not ours any more; finish decides under the lock.
      await this.#finishWithThread({ status: 'interrupted' });
    }
  }

  async #chargeCrash(): Promise<void> {
    const { runId, threadId, attempt } = this.run;
    const { store, queue, bus, log } = this.#options;
    await this.#withTimeout(this.#appender.flush(), RELEASE_FLUSH_MS).catch(() => undefined);
    await this.#forgiven;
    const rescued = await this.#untilPostgresAnswers(() => store.rescueCrashed({ runId, threadId, attempt }));
    if (!rescued) return;
    this.#outcome = 'crashed';
    log.warn({ outcome: rescued.outcome }, 'run killed its own process');
    if (rescued.outcome === 'finished') bus.publish(runId, rescued.finished.events);
    await queue.enqueue(dispatchesOf(rescued));
  }

  /** No status is guessed: while Postgres is away or a row is held the end waits, as long as this worker may be alive. */
  async #untilPostgresAnswers<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        const reason: unknown = this.#controller.signal.reason;
        const givenUp = reason instanceof AttemptEnd && reason.kind === 'given-up';
        const mayPass = isPostgresUnavailable(error) || isLockConflict(error);
        if (givenUp || !mayPass) throw error;
        await pause(POSTGRES_RETRY_MS);
      }
    }
  }

  async #withTimeout<T>(promise: Promise<T>, ms: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms.`)), ms);
    });
    try {
      return await Promise.race([promise, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function errorOf(executed: { error?: WireError }): { error?: WireError } {
  return executed.error ? { error: executed.error } : {};
}

function failureEnd(cause: unknown): RunEnd {
  const error =
    cause instanceof Error
      ? { error: cause.name, message: cause.message }
      : { error: 'Error', message: String(cause) };
  return { status: 'error', error };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
