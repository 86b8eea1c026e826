/**
 * The bounds that do not depend on the machine's speed. Tighten one when what it bounds has become less.
 */

/** What is counted on a stack of one api, two workers and one sweeper. */
export interface GuardFigures {
  /** Per no-op run in the background that nobody reads, checkpoints apart. */
  readonly 'SQL statements per run': number;
  readonly 'round trips per run': number;
  readonly 'commits per run': number;
  /** Transactions for checkpoints per no-op run. */
  readonly 'checkpoint commits per run': number;
  readonly 'Redis commands per run': number;
  /** Of a run whose tokens come one by one, those that scripts call included. */
  readonly 'Redis commands per event': number;
  readonly 'SQL statements per event': number;
  /** Of the whole stack while nobody asks it for anything. */
  readonly 'SQL statements per second at rest': number;
  /** The most of any one process. */
  readonly 'Postgres connections per api': number;
  readonly 'Postgres connections per worker': number;
  readonly 'Postgres connections per sweeper': number;
  readonly 'Redis connections per api': number;
  readonly 'Redis connections per worker': number;
  readonly 'Redis connections per sweeper': number;
}

/** At most: what was counted and half of one more, so that one more is seen and what the stack does by itself is not. */
export const BOUNDS: GuardFigures = {
  'SQL statements per run': 4.5,
  'round trips per run': 4.5,
  'commits per run': 4.5,
  'checkpoint commits per run': 0.5,
  'Redis commands per run': 71,
  'Redis commands per event': 5.5,
  'SQL statements per event': 1.1,
  'SQL statements per second at rest': 5.8,
  'Postgres connections per api': 3,
  'Postgres connections per worker': 6,
  'Postgres connections per sweeper': 2,
  'Redis connections per api': 4,
  'Redis connections per worker': 6,
  'Redis connections per sweeper': 4,
};

/** A sentence for every bound that is broken. */
export function brokenBounds(figures: GuardFigures, bounds: GuardFigures = BOUNDS): string[] {
  return (Object.keys(bounds) as (keyof GuardFigures)[])
    .filter((name) => !(figures[name] <= bounds[name]))
    .map((name) => `${name}: ${figures[name].toFixed(2)}, above ${String(bounds[name])}`);
}
