/**
 * Runs scenarios and their controls one after the other, and says of each whether it held.
 */
import { SeededRandom } from '@longrun/testing';
import type { Options } from './options.js';
import type { Outcome, Scenario, ScenarioContext } from './scenario.js';

export interface ScenarioResult {
  readonly scenario: string;
  readonly seed: number;
  readonly size: 'short' | 'long';
  readonly seconds: number;
  readonly problems: readonly string[];
  readonly figures: Outcome['figures'];
  /** Whether the check caught the missing protection; null when the control was not run. */
  readonly control: {
    readonly without: string;
    readonly caught: boolean;
    readonly problems: readonly string[];
  } | null;
}

/**
 * Runs everything that the options name.
 *
 * @param onScenario told all results of a scenario when it is through
 */
export async function runSuite(
  options: Options,
  note: (sentence: string) => void,
  onScenario: (results: readonly ScenarioResult[]) => void = () => undefined,
): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = [];
  for (const scenario of options.scenarios) {
    for (let repetition = 0; repetition < options.repeat; repetition += 1) {
      const seed = options.seed + repetition;
      const say = (sentence: string): void => note(`${scenario.name} (seed ${String(seed)}): ${sentence}`);
      const startedAt = performance.now();
      const context = { size: options.size, note: say };
      const outcome = await attempt(scenario, { ...context, random: new SeededRandom(seed) });
      // One control is enough to know that the check can fail.
      const control = options.controls && repetition === 0 ? await runControl(scenario, context, seed) : null;
      const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
      results.push({ scenario: scenario.name, seed, size: options.size, seconds, ...outcome, control });
      say(
        `${outcome.problems.length === 0 ? 'held' : 'BROKEN'} in ${String(seconds)} s ${JSON.stringify(outcome.figures)}`,
      );
      for (const problem of outcome.problems.slice(0, 20)) say(`  ${problem}`);
      if (control && !control.caught) {
        say(
          `  NOT CAUGHT without ${control.without}: ${control.problems.join('; ') || 'no problem was seen'}`,
        );
      }
    }
    onScenario(results.slice(-options.repeat));
  }
  return results;
}

/** True when everything held and every control was caught. */
export function hasHeld(results: readonly ScenarioResult[]): boolean {
  return results.every(({ problems, control }) => problems.length === 0 && control?.caught !== false);
}

async function runControl(
  scenario: Scenario,
  context: Omit<ScenarioContext, 'random'>,
  seed: number,
): Promise<ScenarioResult['control']> {
  if (!scenario.control) return null;
  const { without, expects } = scenario.control;
  const { problems } = await attempt(scenario, { ...context, random: new SeededRandom(seed), without });
  return {
    without,
    caught: problems.some((problem) => expects.test(problem)),
    problems: problems.slice(0, 5),
  };
}

/** A scenario that breaks off is a problem like any other. */
async function attempt(scenario: Scenario, context: ScenarioContext): Promise<Outcome> {
  try {
    return await scenario.run(context);
  } catch (error) {
    return {
      problems: [`broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`],
      figures: {},
    };
  }
}
