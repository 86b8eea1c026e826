/**
 * What a scenario of the fault suite is: a fault, what must hold under it, and a control that shows that the check can fail.
 */
import type { SeededRandom } from '@longrun/testing';
import type { Protection } from './test-build/protections.js';

/** What a scenario is run with. */
export interface ScenarioContext {
  readonly random: SeededRandom;
  /** `short` is what is run with every change; `long` is what the product promises. */
  readonly size: 'short' | 'long';
  /** The processes are built without this protection. */
  readonly without?: Protection;
  /** Tells who watches what goes on. */
  readonly note: (sentence: string) => void;
}

/** What came out. */
export interface Outcome {
  /** A sentence for every promise that was broken; none means that it held. */
  readonly problems: readonly string[];
  /** What was measured, by name with its unit. */
  readonly figures: Readonly<Record<string, number | string>>;
}

export interface Scenario {
  /** As on the command line. */
  readonly name: string;
  readonly fault: string;
  readonly must: string;
  /** Whether it is run with every change. */
  readonly isShort: boolean;
  run(context: ScenarioContext): Promise<Outcome>;
  /** The same run without a protection: its problems must match. */
  readonly control?: { readonly without: Protection; readonly expects: RegExp };
}

/** The value below which `share` (0 to 1) of the values lie, rounded; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

/** For a fault that lasts, not for waiting on what can be seen. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
