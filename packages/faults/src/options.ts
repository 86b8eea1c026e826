/**
 * The command line of the fault suite.
 */
import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios/index.js';
import type { Scenario } from './scenario.js';

export const HELP = `pnpm faults [options]: kills, freezes and cuts off the parts of a real system and checks what it promises

  --scenario <name>   only this one; may be given several times
  --seed <n>          seed of the first repetition (a random one; it is printed)
  --repeat <n>        run each scenario so often, with the following seeds (1)
  --short             only the scenarios that are run with every change, in their short form
  --no-controls       leave out the runs without a protection, which must be caught
  --json <file>       write the results
  --record            keep them as the newest in packages/faults/results.json, for docs/fault-matrix.md
  --list              name the scenarios`;

export interface Options {
  readonly scenarios: readonly Scenario[];
  readonly seed: number;
  readonly repeat: number;
  readonly size: 'short' | 'long';
  readonly controls: boolean;
  readonly json: string | undefined;
  readonly record: boolean;
}

/**
 * @param randomSeed the seed when none is given
 * @throws Error naming the option that is wrong
 */
export function parseOptions(args: readonly string[], randomSeed: number): Options | 'list' | 'help' {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      scenario: { type: 'string', multiple: true },
      seed: { type: 'string' },
      repeat: { type: 'string' },
      short: { type: 'boolean' },
      'no-controls': { type: 'boolean' },
      json: { type: 'string' },
      record: { type: 'boolean' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  if (values.list) return 'list';
  const size = values.short ? 'short' : 'long';
  return {
    scenarios:
      values.scenario?.map(scenarioOf) ?? SCENARIOS.filter(({ isShort }) => isShort || size === 'long'),
    seed: wholeNumber('--seed', values.seed ?? String(randomSeed), 0),
    repeat: wholeNumber('--repeat', values.repeat ?? '1', 1),
    size,
    controls: values['no-controls'] !== true,
    json: values.json,
    record: values.record === true,
  };
}

function scenarioOf(name: string): Scenario {
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (!scenario)
    throw new Error(
      `--scenario: "${name}" is none; there are ${SCENARIOS.map((one) => one.name).join(', ')}.`,
    );
  return scenario;
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new Error(`${option}: "${text}" is not a whole number from ${String(least)}.`);
  }
  return value;
}
