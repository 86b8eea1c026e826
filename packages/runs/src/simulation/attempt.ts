/**
 * One attempt of one run at a worker: its events, its checkpoints, and every way in which it can end. Follows
 * `execution/attempt.ts`.
 */
import type { TerminalRunStatus } from '@longrun/contracts';
import type { SimAppender } from './event-writer.js';
import {
  checkpoint,
  finish,
  giveBack,
  hasEnded,
  newestStep,
  progress,
  writeEndLater,
  type SimClaim,
  type SimFinished,
} from './run-statements.js';
import { ask, PARK, sleep, UNANSWERED, type Routine, type Task } from './scheduler.js';
import type { SimWorker } from './worker-process.js';
import type { World } from './world.js';

export type SimAttemptEnd = 'cancelled' | 'released' | 'fenced' | 'given-up';

const POSTGRES_RETRY_MS = 200;
/** Unwritten events get this long at an early end. */
const FLUSH_MS = 500;
const MOST_RETRIES = 2;
const SHORT_STEP_MS = 200;
const LONG_STEP_MS = 3_000;

export class SimAttempt {
  task: Task | null = null;
  #end: SimAttemptEnd | null = null;
  readonly #appender: SimAppender;

  constructor(
    readonly claim: SimClaim,
    private readonly worker: SimWorker,
    private readonly world: World,
  ) {
    this.#appender = worker.writer.open(claim);
    this.#appender.onSettled = () => {
      if (this.#appender.fenced) this.end('fenced');
      this.wake();
    };
  }

  /** Ends the attempt early. The first reason counts. */
  end(kind: SimAttemptEnd): void {
    if (this.#end) return;
    this.#end = kind;
    this.wake();
  }

  wake(): void {
    if (this.task) this.world.scheduler.wake(this.task);
  }

  *run(): Routine {
    try {
      if (yield* this.#executeGraph()) {
        const fails = this.claim.retries < MOST_RETRIES && this.world.choices.isRare(8);
        if (!fails || !(yield* this.#giveBack('retry'))) yield* this.#finish('success');
      } else if (this.#end === 'cancelled') {
        yield* this.#flush(FLUSH_MS);
        yield* this.#finish('interrupted');
      } else if (this.#end === 'released') {
        yield* this.#flush(FLUSH_MS);
        if (!(yield* this.#giveBack('release'))) yield* this.#finish('interrupted');
      }
    } finally {
      this.worker.writer.appenders.delete(this.#appender);
      this.worker.forget(this);
    }
  }

  /** True when the graph came to its end. */
  *#executeGraph(): Routine<boolean> {
    const { record, redis } = this.world;
    const { runId, claim, crashes, written } = this.claim;
    if (written.length > 0) redis.publish(runId, written);
    else this.#appender.append({ what: 'metadata', claim });
    const from = yield* this.#untilAnswered('newestStep', () => newestStep(record, runId));
    if (from === null) return false;
    const steps = 1 + (Number(runId.slice(1)) % 3);
    for (let step = from + 1; step <= steps; step += 1) {
      this.#appender.append({ what: 'values', claim });
      yield sleep(this.#stepMs());
      if (this.#end) return false;
      if (this.claim.isPoison) this.worker.die();
      while (!this.worker.isConfirmed) {
        yield sleep(500);
        if (this.#end) return false;
      }
      const madeAt = this.world.now + this.worker.skew;
      const isHeld = yield* this.#untilAnswered(
        'checkpoint',
        () => checkpoint(record, this.claim, step, madeAt),
        `checkpoint of ${runId}`,
      );
      if (isHeld === false) this.end('fenced');
      if (this.#end) return false;
      if (crashes > 0 && step === from + 1) yield* this.#forgetCrashes();
    }
    yield* this.#flush(Infinity);
    return this.#end === null;
  }

  /** Some steps are long enough to be met by what goes wrong. */
  #stepMs(): number {
    const { choices, scheduler } = this.world;
    if (!scheduler.faults) return 1;
    return choices.isRare(3) ? choices.next(LONG_STEP_MS) : choices.next(SHORT_STEP_MS);
  }

  *#forgetCrashes(): Routine {
    try {
      yield* ask('progress', () => progress(this.world.record, this.claim));
    } catch (error) {
      if (error !== UNANSWERED) throw error;
    }
  }

  /** Waits until the events are committed, or for `ms`. */
  *#flush(ms: number): Routine {
    const until = this.world.now + ms;
    while (!this.#appender.isEmpty && !this.#appender.fenced && this.world.now < until) {
      if (ms === Infinity) {
        yield PARK;
        if (this.#end) return;
      } else yield sleep(until - this.world.now);
    }
  }

  *#giveBack(transition: 'release' | 'retry'): Routine<boolean> {
    const { record, redis, choices, scheduler } = this.world;
    const seconds = transition === 'retry' && scheduler.faults ? choices.next(3) : 0;
    const dispatches = yield* this.#untilAnswered(transition, () =>
      giveBack(record, transition, this.claim, seconds),
    );
    if (dispatches && transition === 'release') redis.enqueue(dispatches);
    return dispatches !== null;
  }

  *#finish(status: TerminalRunStatus): Routine {
    const { record, redis } = this.world;
    const { runId, threadId, attempt, claim } = this.claim;
    const by = { name: this.worker.name, claim };
    let finished: SimFinished | null = null;
    for (;;) {
      if (this.#end === 'given-up') return;
      try {
        finished = yield* ask('finish', () => finish(record, runId, attempt, status, by), threadId);
        break;
      } catch (error) {
        if (error !== UNANSWERED) throw error;
        // The transaction may still be under way: its locks are waited for.
        if (yield* this.#untilAnswered('hasEnded', () => hasEnded(record, runId), threadId)) return;
      }
    }
    if (!finished) return;
    if (!this.world.protections.endIsWrittenWithStatus) {
      const events = yield* this.#untilAnswered('writeEndLater', () => writeEndLater(record, runId));
      redis.publish(runId, events ?? []);
    }
    redis.publish(runId, finished.events);
    redis.enqueue(finished.next);
  }

  /** Null when the worker has given the run up meanwhile. */
  *#untilAnswered<T>(name: string, statement: () => T, lock: string | null = null): Routine<T | null> {
    for (;;) {
      try {
        return yield* ask(name, statement, lock);
      } catch (error) {
        if (error !== UNANSWERED) throw error;
        if (this.#end === 'given-up' || this.#end === 'fenced') return null;
        yield sleep(POSTGRES_RETRY_MS);
      }
    }
  }
}
