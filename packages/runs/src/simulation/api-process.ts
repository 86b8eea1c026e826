/**
 * An api: creates and cancels runs for clients, and asks for those of which its readers hear nothing. Follows
 * `run-store/create-run.ts`, `run-event-log/run-event-hub.ts` and the api's `run-cancellation.ts`.
 */
import { CANCEL_UNACKNOWLEDGED_MS } from '@longrun/contracts';
import type { SimReader } from './reader.js';
import {
  cancel,
  create,
  finish,
  lookUp,
  type SimCreate,
  type SimCreated,
  type SimFinished,
} from './run-statements.js';
import { ask, Process, sleep, UNANSWERED, type Routine } from './scheduler.js';
import type { SimWorkerProcess } from './record.js';
import type { SimWorker } from './worker-process.js';
import type { World } from './world.js';

const SILENCE_MS = 2_000;
const OUTCOME_DEADLINE_MS = 6_000;
const OUTCOME_RETRY_MS = 200;

/** What a client hears about its create. Unknown: an error that does not say whether the run exists. */
export type CreateAnswer = { readonly runId: string } | 'send it again' | 'unknown';

export class SimApi extends Process {
  readonly readers = new Set<SimReader>();

  constructor(
    private readonly world: World,
    skew: number,
  ) {
    super(`api${world.nextId()}`, skew);
  }

  start(): void {
    if (this.world.protections.silentRunsAreAskedFor) this.world.scheduler.spawn(this, this.#askForSilent());
  }

  *create(input: Omit<SimCreate, 'runId'>, answer: (answer: CreateAnswer) => void): Routine {
    const { record, redis, protections } = this.world;
    const runId = `r${this.world.nextId()}`;
    let created: SimCreated | null;
    try {
      created = yield* ask('create', () => create(record, { runId, ...input }, this.name), input.threadId);
    } catch (error) {
      if (error !== UNANSWERED) throw error;
      if (!protections.createIsLookedUp) return answer('send it again');
      const found = yield* this.#untilKnown('lookUp', () => lookUp(record, runId), input.threadId);
      if (found === undefined) return answer('unknown');
      created = found;
    }
    if (!created) return answer('send it again');
    redis.enqueue(created.dispatch);
    for (const finished of created.ended) this.#announce(finished);
    for (const run of created.marked) {
      this.world.scheduler.spawn(this, this.#tellWorker({ ...run, threadId: input.threadId }));
    }
    answer({ runId });
  }

  *cancel(runId: string): Routine {
    const { record } = this.world;
    const threadId = record.find(runId)?.thread_id ?? '';
    try {
      const result = yield* ask('cancel', () => cancel(record, runId, this.name), threadId);
      if (!result) return;
      if ('finished' in result) this.#announce(result.finished);
      else yield* this.#tellWorker({ runId, threadId, ...result });
    } catch (error) {
      // The client is told that it failed.
      if (error !== UNANSWERED) throw error;
    }
  }

  /** The worker hears of the mark; without an answer the run is ended here. */
  *#tellWorker(run: {
    runId: string;
    threadId: string;
    owner: SimWorkerProcess | null;
    attempt: number;
  }): Routine {
    const { record, redis } = this.world;
    const { runId, threadId, owner, attempt } = run;
    redis.tell(() => {
      if (owner?.alive) (owner as SimWorker).cancel(runId, attempt);
    });
    yield sleep(CANCEL_UNACKNOWLEDGED_MS);
    const by = { name: this.name, claim: 0 };
    try {
      const finished = yield* ask(
        'finish',
        () => finish(record, runId, attempt, 'interrupted', by),
        threadId,
      );
      if (finished) this.#announce(finished);
    } catch (error) {
      // Worker and sweeper see the mark as well.
      if (error !== UNANSWERED) throw error;
    }
  }

  #announce({ runId, events, next }: SimFinished): void {
    this.world.redis.publish(runId, events);
    this.world.redis.enqueue(next);
  }

  /** Undefined when Postgres stays away too long. */
  *#untilKnown<T>(name: string, statement: () => T, thread: string): Routine<T | undefined> {
    const deadline = this.world.now + OUTCOME_DEADLINE_MS;
    for (;;) {
      try {
        return yield* ask(name, statement, thread);
      } catch (error) {
        if (error !== UNANSWERED) throw error;
        if (this.world.now > deadline) return undefined;
        yield sleep(OUTCOME_RETRY_MS);
      }
    }
  }

  *#askForSilent(): Routine {
    const { record } = this.world;
    for (;;) {
      yield sleep(SILENCE_MS / 2);
      const since = this.world.now - SILENCE_MS;
      const silent = [...this.readers].filter((reader) => reader.lastHeardAt <= since);
      if (silent.length === 0) continue;
      try {
        const last = yield* ask('silentRuns', () =>
          silent.map(({ runId }) => record.find(runId)?.log.length ?? 0),
        );
        silent.forEach((reader, index) => {
          reader.lastHeardAt = this.world.now;
          if ((last[index] ?? 0) - 1 > reader.cursor) reader.poke();
        });
      } catch (error) {
        if (error !== UNANSWERED) throw error;
      }
    }
  }
}
