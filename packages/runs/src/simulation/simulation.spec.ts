/**
 * Many schedules, none of which may break an invariant. `SIMULATION_SCHEDULES` says how many, `SIMULATION_SEED` which; see
 * `docs/simulation.md`.
 */
import { describe, expect, it } from '@jest/globals';
import { Choices } from './choices.js';
import { explore, seedOf, tell } from './explore.js';
import { ALL_PROTECTIONS } from './protections.js';
import { play } from './schedule.js';

const SCHEDULES = Number(process.env['SIMULATION_SCHEDULES'] ?? 100_000);
const SEED = Number(process.env['SIMULATION_SEED'] ?? 1);

describe('the simulation', () => {
  it(
    `finds no schedule among ${SCHEDULES} that breaks a promise (seed ${SEED})`,
    () => {
      const before = process.cpuUsage();
      const finding = explore(SEED, SCHEDULES, ALL_PROTECTIONS);
      const seconds = (process.cpuUsage(before).user + process.cpuUsage(before).system) / 1_000_000;
      console.log(`${SCHEDULES} schedules from seed ${SEED}: ${seconds.toFixed(1)} s of one core`);
      if (finding) throw new Error(tell(finding));
    },
    // A machine may be slow, or busy.
    600_000 + SCHEDULES,
  );

  it('plays the same schedule from the same seed, and again from its choices', () => {
    for (let index = 0; index < 200; index += 1) {
      const first = play(Choices.fromSeed(seedOf(7, index)), ALL_PROTECTIONS, true);
      expect(play(Choices.fromSeed(seedOf(7, index)), ALL_PROTECTIONS, true)).toEqual(first);
      expect(play(Choices.replay(first.choices), ALL_PROTECTIONS, true)).toEqual(first);
    }
  });

  it('meets what it is there for: rescues, late answers, released runs, all kinds of faults', () => {
    const told = Array.from({ length: 1_000 }, (_, index) =>
      play(Choices.fromSeed(seedOf(3, index)), ALL_PROTECTIONS, true).story.join('\n'),
    ).join('\n');
    for (const what of [
      'is rescued',
      'is given back: release',
      'is given back: retry',
      'which it holds and does not execute',
      'is dispatched again',
      'is marked as cancelled',
      'is marked: a new run replaces it',
      'ends as error',
      'is killed by what it executes',
      'ends as interrupted',
      'attempt 3',
      'gets a late answer',
      'no answer, though it is executed',
      'no answer, before it is executed',
      'no answer, and it is never executed',
      'behind, which is executed later',
      'is killed',
      'dies with its host',
      'freezes',
      'is cut off',
      'loses the session',
      'stops',
      'does not answer until',
      'restarts',
      'is flushed',
      'is away',
    ]) {
      expect([what, told.includes(what)]).toEqual([what, true]);
    }
  });
});
