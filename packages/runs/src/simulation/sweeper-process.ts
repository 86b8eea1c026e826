/**
 * A sweeper: judges workers with the product's own observer, rescues, reconciles. Follows `sweep/sweeper.ts`.
 */
import { SWEEP_INTERVAL_MS } from '@longrun/contracts';
import { LivenessObserver, type Observation, type Verdict } from '../liveness/liveness-observer.js';
import { dispatchDue, isAnyRunDue, rescue, runsOfDeadWorker } from './run-statements.js';
import { ask, Process, sleep, UNANSWERED, type Routine } from './scheduler.js';
import { forgetWorker, observeWorkers } from './worker-statements.js';
import type { World } from './world.js';

const LONGEST_TURN_MS = 8_000;

export class SimSweeper extends Process {
  readonly #observer = new LivenessObserver();
  #last: { observation: Observation; at: number } | null = null;

  constructor(
    private readonly world: World,
    skew: number,
  ) {
    super(`sweeper${world.nextId()}`, skew);
  }

  start(): void {
    this.world.scheduler.spawn(this, this.#sweep(), this.world.choices.next(SWEEP_INTERVAL_MS));
  }

  *#sweep(): Routine {
    const { record, redis, protections } = this.world;
    for (;;) {
      try {
        const { observation, runsDue } = yield* ask('look', () => ({
          observation: observeWorkers(record),
          runsDue: isAnyRunDue(record),
        }));
        const verdicts = this.#judge(observation);
        if (protections.deadAreRescued) for (const verdict of verdicts) yield* this.#rescue(verdict);
        if (protections.lostRunsAreDispatched && (runsDue || verdicts.length > 0))
          redis.enqueue(yield* ask('dispatchDue', () => dispatchDue(record)));
      } catch (error) {
        if (error !== UNANSWERED) throw error;
      }
      yield sleep(SWEEP_INTERVAL_MS);
    }
  }

  /** By its own clock, which is no other's. */
  #judge(observation: Observation): Verdict[] {
    const now = this.world.now + this.skew;
    if (!this.world.protections.observationStartsOver && this.#last) {
      // As if Postgres had answered all the time, and were the same.
      const before = this.#last;
      for (let at = before.at + 1_000; at < now; at += 1_000) this.#observer.observe(before.observation, at);
      observation = { ...observation, postmasterStart: before.observation.postmasterStart };
    }
    this.#last = { observation, at: now };
    return this.#observer.observe(observation, now);
  }

  *#rescue(verdict: Verdict): Routine {
    const { record, redis, protections, scheduler, choices } = this.world;
    const { workerId, beat } = verdict;
    // Its turn comes when the verdicts before it are carried out.
    if (scheduler.faults && choices.isRare(3)) yield sleep(choices.next(LONGEST_TURN_MS));
    // The observer's own rules, each of which can be switched off: a worker without a row has stopped in order.
    const isDeath =
      beat === null
        ? !protections.stoppedAreChargedNothing
        : verdict.chargeCrash || !protections.leaseChargesNothing;
    const charge = isDeath ? 1 : 0;
    const runs = yield* ask('runsOfDeadWorker', () => runsOfDeadWorker(record, workerId, beat));
    for (const run of runs) {
      const thread = record.find(run.runId)?.thread_id ?? null;
      const rescued = yield* ask('rescue', () => rescue(record, run, charge, this.name), thread);
      if (!rescued) continue;
      redis.publish(run.runId, rescued.events);
      redis.enqueue(rescued.next);
    }
    yield* ask('forgetWorker', () => forgetWorker(record, workerId, beat));
  }
}
