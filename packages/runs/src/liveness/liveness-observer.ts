/**
 * Judges which workers are dead. The observer measures staleness on its own monotonic clock: no clock of another machine
 * takes part, and a pause of Postgres kills nobody, since it breaks off the observation instead of ageing it.
 *
 * A worker is dead when its beat has not changed
 * - for 2 s while its advisory lock is free (its process is gone: the kernel closed its session), or
 * - for 10 s whatever its lock says (the lease: a dead host or a cut network keep the lock).
 *
 * Any gap between answers of Postgres, or a new Postgres, starts every observation over.
 */
import { LEASE_MS, LOCK_FREE_VERDICT_MS } from '@longrun/contracts';

/** Longest time between two answers that counts as "Postgres answered all the time". */
const OBSERVATION_GAP_MS = 1_500;

export interface ObservedWorker {
  workerId: string;
  /** Null for a worker that holds runs but has no row. */
  beat: string | null;
  /** The worker had seen its lock, and nobody holds it now. */
  lockFree: boolean;
}

export interface Observation {
  postmasterStart: string;
  workers: readonly ObservedWorker[];
}

/**
 * A worker judged dead. `chargeCrash` is false when only the lease speaks (the host may be cut off, not the process dead), and for a
 * worker that stopped in order.
 */
export interface Verdict {
  workerId: string;
  beat: string | null;
  chargeCrash: boolean;
}

interface Watch {
  beat: string | null;
  unchangedSince: number;
  lockFreeSince: number | null;
}

export interface LivenessObserverOptions {
  lockFreeVerdictMs?: number;
  leaseMs?: number;
}

export class LivenessObserver {
  readonly #lockFreeVerdictMs: number;
  readonly #leaseMs: number;
  #watches = new Map<string, Watch>();
  #lastAnswerAt: number | undefined;
  #postmasterStart: string | undefined;

  constructor(options: LivenessObserverOptions = {}) {
    this.#lockFreeVerdictMs = options.lockFreeVerdictMs ?? LOCK_FREE_VERDICT_MS;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
  }

  /**
   * Takes in one answer of Postgres.
   *
   * @param answeredAt when it came, milliseconds of a monotonic clock
   * @returns the workers that are dead by now; a verdict repeats until the worker is no longer observed
   */
  observe(observation: Observation, answeredAt: number): Verdict[] {
    const isContinuous =
      this.#lastAnswerAt !== undefined &&
      answeredAt - this.#lastAnswerAt <= OBSERVATION_GAP_MS &&
      observation.postmasterStart === this.#postmasterStart;
    if (!isContinuous) this.#watches = new Map();
    this.#lastAnswerAt = answeredAt;
    this.#postmasterStart = observation.postmasterStart;

    const watches = new Map<string, Watch>();
    const verdicts: Verdict[] = [];
    for (const worker of observation.workers) {
      const watch = this.#watch(worker, answeredAt);
      watches.set(worker.workerId, watch);
      const verdict = this.#judge(worker, watch, answeredAt);
      if (verdict) verdicts.push(verdict);
    }
    this.#watches = watches;
    return verdicts;
  }

  #watch(worker: ObservedWorker, now: number): Watch {
    const before = this.#watches.get(worker.workerId);
    const isUnchanged = before !== undefined && before.beat === worker.beat;
    return {
      beat: worker.beat,
      unchangedSince: isUnchanged ? before.unchangedSince : now,
      lockFreeSince: worker.lockFree ? (isUnchanged ? (before.lockFreeSince ?? now) : now) : null,
    };
  }

  #judge(worker: ObservedWorker, watch: Watch, now: number): Verdict | null {
    const unchangedMs = now - watch.unchangedSince;
    const lockFreeMs = watch.lockFreeSince === null ? 0 : now - watch.lockFreeSince;
    const { workerId, beat } = worker;
    if (unchangedMs >= this.#lockFreeVerdictMs && watch.lockFreeSince !== null) {
      // The lock must have been free for a while too: a reconnecting session takes it within moments.
      // One without a row has left in order: a claim of it whose answer was lost is all that is left.
      const chargeCrash = beat !== null;
      if (lockFreeMs >= this.#lockFreeVerdictMs / 2) return { workerId, beat, chargeCrash };
    }
    if (unchangedMs >= this.#leaseMs) return { workerId, beat, chargeCrash: false };
    return null;
  }
}
