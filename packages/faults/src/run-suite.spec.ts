import { describe, expect, it } from '@jest/globals';
import type { Options } from './options.js';
import { hasHeld, runSuite } from './run-suite.js';
import { percentile, type Outcome, type Scenario } from './scenario.js';

const quiet = (): void => undefined;

/** A scenario whose problems depend on whether the protection is there. */
function scenario(problems: { with: string[]; without: string[] }): Scenario {
  return {
    name: 'one',
    fault: 'none',
    must: 'hold',
    isShort: true,
    control: { without: 'fence', expects: /zombie/ },
    run: async ({ without }): Promise<Outcome> => ({
      problems: without ? problems.without : problems.with,
      figures: {},
    }),
  };
}

const optionsOf = (one: Scenario, more: Partial<Options> = {}): Options => ({
  scenarios: [one],
  seed: 5,
  repeat: 1,
  size: 'short',
  controls: true,
  json: undefined,
  record: false,
  ...more,
});

describe('the fault suite', () => {
  it('holds when nothing is broken and the control is caught', async () => {
    const results = await runSuite(optionsOf(scenario({ with: [], without: ['a zombie write'] })), quiet);
    expect(results).toMatchObject([{ seed: 5, problems: [], control: { without: 'fence', caught: true } }]);
    expect(hasHeld(results)).toBe(true);
  });

  it('does not hold when a promise is broken', async () => {
    const results = await runSuite(optionsOf(scenario({ with: ['a gap'], without: ['zombie'] })), quiet);
    expect(hasHeld(results)).toBe(false);
  });

  it.each([[[]], [['the stack did not start']]])(
    'does not hold when the missing protection shows as %j: such a check proves nothing',
    async (without) => {
      const results = await runSuite(optionsOf(scenario({ with: [], without })), quiet);
      expect(hasHeld(results)).toBe(false);
    },
  );

  it('counts a scenario that breaks off as a broken promise', async () => {
    const breaksOff = {
      ...scenario({ with: [], without: [] }),
      run: () => Promise.reject(new Error('no Postgres')),
    };
    const results = await runSuite(optionsOf(breaksOff, { controls: false }), quiet);
    expect(results[0]?.problems.join()).toMatch(/broke off: .*no Postgres/);
  });

  it('repeats with the following seeds, and runs one control', async () => {
    const results = await runSuite(
      optionsOf(scenario({ with: [], without: ['zombie'] }), { repeat: 3 }),
      quiet,
    );
    expect(results.map(({ seed, control }) => [seed, control !== null])).toEqual([
      [5, true],
      [6, false],
      [7, false],
    ]);
  });
});

describe('percentile', () => {
  it('is the value below which that share lies', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 51, 100, 100]);
    expect(percentile([], 0.5)).toBe(0);
  });
});
