/**
 * What a suite of benchmarks is.
 */
import type { Table } from './report/markdown.js';

/** What a suite is run with. */
export interface SuiteContext {
  /** `short` takes a minute at most and is for a look; figures that are written down come from `long`. */
  readonly size: 'short' | 'long';
  /** Rounds that count, besides the one that warms up. Undefined: as many as the suite says. */
  readonly rounds: number | undefined;
  /** Tells who watches what goes on. */
  readonly note: (sentence: string) => void;
}

/** What came out. */
export interface SuiteResult {
  readonly tables: readonly Table[];
  /** The figures behind the tables, for programs. */
  readonly figures: unknown;
  /** What was set, for who wants the same again. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Requests that failed, events that were lost, bounds that were broken. */
  readonly problems: readonly string[];
}

export interface Suite {
  /** As on the command line. */
  readonly name: string;
  /** What it measures. */
  readonly about: string;
  /** About how long it takes on two cores, seconds. */
  readonly seconds: { readonly long: number; readonly short: number };
  run(context: SuiteContext): Promise<SuiteResult>;
}
