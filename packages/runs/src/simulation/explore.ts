/**
 * Plays many schedules, and makes a short story of the first that breaks an invariant.
 */
import { Choices } from './choices.js';
import type { Protections } from './protections.js';
import type { Violation } from './record.js';
import { play } from './schedule.js';

/** Replays that shrinking may take. */
const REPLAYS = 1_500;

export interface Finding {
  /** Plays this schedule again, with `SIMULATION_SCHEDULES=1`. */
  readonly seed: number;
  /** Schedules played up to it. */
  readonly schedules: number;
  readonly violation: Violation;
  readonly choices: readonly number[];
  readonly story: readonly string[];
}

/** Schedule `index` of a seed; the first is that of the seed itself. */
export function seedOf(seed: number, index: number): number {
  return (seed + Math.imul(index, 0x9e3779b1)) >>> 0;
}

/** @returns the first schedule that breaks an invariant, shrunk; null when none does */
export function explore(seed: number, schedules: number, protections: Readonly<Protections>): Finding | null {
  for (let index = 0; index < schedules; index += 1) {
    const own = seedOf(seed, index);
    const { violation, choices } = play(Choices.fromSeed(own), protections);
    if (!violation) continue;
    const shrunk = shrink(choices, violation.invariant, protections);
    const told = play(Choices.replay(shrunk), protections, true);
    return {
      seed: own,
      schedules: index + 1,
      violation: told.violation ?? violation,
      choices: shrunk,
      story: told.story,
    };
  }
  return null;
}

/** A simpler list of choices that breaks the same invariant: parts are left out, set to zero and made smaller. */
function shrink(choices: readonly number[], invariant: string, protections: Readonly<Protections>): number[] {
  let best = [...choices];
  let replays = 0;
  const isBetter = (candidate: readonly number[]): boolean => {
    replays += 1;
    if (play(Choices.replay(candidate), protections).violation?.invariant !== invariant) return false;
    best = withoutZeros(candidate);
    return true;
  };
  for (let before = Infinity; weight(best) < before && replays < REPLAYS;) {
    before = weight(best);
    for (let size = Math.max(1, best.length >> 1); size >= 1; size >>= 1) {
      for (let at = 0; at < best.length && replays < REPLAYS; at += size) {
        const part = best.slice(at, at + size);
        if (part.every((one) => one === 0)) continue;
        const zeros = part.map(() => 0);
        isBetter([...best.slice(0, at), ...zeros, ...best.slice(at + size)]);
      }
      for (let at = best.length - size; at >= 0 && replays < REPLAYS; at -= size) {
        isBetter([...best.slice(0, at), ...best.slice(at + size)]);
      }
    }
    for (let at = 0; at < best.length && replays < REPLAYS; at += 1) {
      const value = best[at] ?? 0;
      if (value > 1) isBetter(best.with(at, value >> 1));
    }
  }
  return best;
}

function withoutZeros(choices: readonly number[]): number[] {
  return choices.slice(0, choices.findLastIndex((one) => one !== 0) + 1);
}

/** What shrinking makes smaller: first how many choices are not calm, then how large they are. */
function weight(choices: readonly number[]): number {
  return choices.reduce((sum, one) => sum + (one === 0 ? 1 : 100 + Math.log2(one + 1)), 0);
}

/** A finding for people. */
export function tell({ seed, schedules, violation, choices, story }: Finding): string {
  return [
    `${violation.invariant}: ${violation.message}`,
    `Schedule ${schedules}, seed ${seed} (SIMULATION_SEED=${seed} SIMULATION_SCHEDULES=1), shrunk to ${choices.length} choices:`,
    ...story,
  ].join('\n');
}
