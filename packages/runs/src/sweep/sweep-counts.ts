/**
 * What the looks of a sweeper have done.
 */
export interface SweepCounts {
  /** Runs taken from dead workers. */
  rescued: number;
  /** Runs that nobody had fetched, enqueued again. */
  dispatched: number;
  /** Runs created by crons. */
  fired: number;
  /** Deliveries of webhooks begun. */
  webhooks: number;
  /** Threads removed with all that is theirs. */
  threads: number;
  /** Logs of ended runs removed. */
  logs: number;
  /** Items of the store removed. */
  items: number;
}

export function noCounts(): SweepCounts {
  return { rescued: 0, dispatched: 0, fired: 0, webhooks: 0, threads: 0, logs: 0, items: 0 };
}
