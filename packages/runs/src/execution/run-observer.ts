/**
 * What a process that executes runs tells of them, for metrics. Implemented where the metrics are (`@longrun/service-kit`); calls must be
 * cheap and must not throw. All durations are milliseconds.
 */
import type { EndEventData } from '@longrun/contracts';

/** How an attempt came to its end: with its run, or without it. */
export type AttemptOutcome =
  | EndEventData['status']
  /** The run's own policy starts it again. */
  | 'retried'
  /** Given back by a process that stops. */
  | 'released'
  /** The graph killed the process of its own that it ran in. */
  | 'crashed'
  /** The run was taken from this process, or it had to give it up. */
  | 'lost';

export interface RunObserver {
  /** A run was claimed. @param waitedMs since it was due and last put into the queue, by the clock of Postgres */
  claimed(attempt: number, waitedMs: number): void;
  /** An attempt is over. @param ms since its claim @param runMs since the creation of its run, or the time that was created for */
  attemptEnded(outcome: AttemptOutcome, ms: number, runMs: number): void;
  /** A cancelled run has ended. @param ms since this process heard of the cancel */
  cancelled(ms: number): void;
  /** Events were committed together. @param ms that the commit took, waits for a Postgres that was away included */
  appended(events: number, ms: number): void;
  /** Events were refused, because their run had been taken away. */
  writeRefused(): void;
}

/** Tells nobody. */
export const NOBODY: RunObserver = {
  claimed: () => undefined,
  attemptEnded: () => undefined,
  cancelled: () => undefined,
  appended: () => undefined,
  writeRefused: () => undefined,
};
