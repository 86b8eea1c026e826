/**
 * The writer of a worker's events: group commit over its attempts, one batch at a time. Follows `run-event-log/run-event-writer.ts`.
 */
import type { Numbered, SimEvent } from './record.js';
import { append, type SimClaim } from './run-statements.js';
import { ask, PARK, sleep, UNANSWERED, type Routine, type Task } from './scheduler.js';
import type { World } from './world.js';

const RECONNECT_MS = 50;

/** The waiting events of one attempt. */
export class SimAppender {
  waiting: Numbered[] = [];
  inFlight = 0;
  fenced = false;
  #nextSeq: number;
  onSettled: () => void = () => undefined;

  constructor(
    readonly claim: SimClaim,
    private readonly wake: () => void,
  ) {
    this.#nextSeq = claim.nextSeq;
  }

  get isEmpty(): boolean {
    return this.waiting.length === 0 && this.inFlight === 0;
  }

  append(event: SimEvent): void {
    this.waiting.push({ seq: this.#nextSeq, event });
    this.#nextSeq += 1;
    this.wake();
  }
}

export class SimEventWriter {
  readonly appenders = new Set<SimAppender>();
  task: Task | null = null;

  constructor(private readonly world: World) {}

  open(claim: SimClaim): SimAppender {
    const appender = new SimAppender(claim, () => {
      if (this.task) this.world.scheduler.wake(this.task);
    });
    this.appenders.add(appender);
    return appender;
  }

  *run(): Routine {
    for (;;) {
      const batch = this.#take();
      if (batch.length === 0) yield PARK;
      else yield* this.#write(batch);
    }
  }

  #take(): { appender: SimAppender; claim: SimClaim; events: Numbered[] }[] {
    const batch = [];
    for (const appender of this.appenders) {
      if (appender.waiting.length === 0) continue;
      const events = appender.waiting;
      appender.waiting = [];
      appender.inFlight = events.length;
      batch.push({ appender, claim: appender.claim, events });
    }
    return batch;
  }

  *#write(batch: { appender: SimAppender; claim: SimClaim; events: Numbered[] }[]): Routine {
    const { record, redis, protections } = this.world;
    if (!protections.publishFollowsCommit) {
      for (const { claim, events } of batch) redis.publish(claim.runId, events);
    }
    let held: Set<number> | undefined;
    while (!held) {
      try {
        held = yield* ask('append', () => append(record, batch));
      } catch (error) {
        if (error !== UNANSWERED) throw error;
        yield sleep(RECONNECT_MS);
        if (!protections.batchKeepsItsNumbers) this.#renumber(batch);
      }
    }
    for (const { appender, claim, events } of batch) {
      appender.inFlight = 0;
      if (!held.has(claim.claim)) {
        appender.fenced = true;
        appender.waiting = [];
      } else if (protections.publishFollowsCommit) redis.publish(claim.runId, events);
      appender.onSettled();
    }
  }

  /** What a writer must not do: ask where the log goes on now. */
  #renumber(batch: { claim: SimClaim; events: Numbered[] }[]): void {
    for (const one of batch) {
      const next = this.world.record.find(one.claim.runId)?.log.length ?? 0;
      one.events = one.events.map(({ event }, index) => ({ seq: next + index, event }));
    }
  }
}
