/**
 * The command line of the benchmarks.
 */
import { parseArgs } from 'node:util';
import type { Suite } from './suite.js';
import { SUITES } from './suites/index.js';

export const HELP = `pnpm bench [name …] [options]: measures Longrun beside the in-memory server and beside the floor

  --rounds <n>        rounds that count, besides the one that warms up (as many as the suite says)
  --short             a minute at most for each suite, for a look
  --json <file>       write the figures
  --record            keep them as benchmarks/results/<suite>.json, also in git
  --list              name the suites
  guard               instead of names: checks the bounds that do not depend on the machine's speed
  summary             instead of names: what is to be reached, beside what was measured last`;

export interface Options {
  readonly suites: readonly Suite[];
  readonly rounds: number | undefined;
  readonly size: 'short' | 'long';
  readonly json: string | undefined;
  readonly record: boolean;
}

/** @throws Error naming the option that is wrong */
export function parseOptions(args: readonly string[]): Options | 'help' | 'list' | 'guard' | 'summary' {
  const { values, positionals } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      short: { type: 'boolean' },
      json: { type: 'string' },
      record: { type: 'boolean' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  if (values.list) return 'list';
  if (positionals[0] === 'guard' || positionals[0] === 'summary') return positionals[0];
  return {
    suites: positionals.length === 0 ? SUITES : positionals.map(suiteOf),
    rounds: values.rounds === undefined ? undefined : roundsOf(values.rounds),
    size: values.short ? 'short' : 'long',
    json: values.json,
    record: values.record === true,
  };
}

function suiteOf(name: string): Suite {
  const suite = SUITES.find((one) => one.name === name);
  if (!suite) {
    throw new Error(
      `"${name}" is no suite; there are ${SUITES.map((one) => one.name).join(', ')}, guard and summary.`,
    );
  }
  return suite;
}

function roundsOf(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds: "${text}" is not a whole number from 1.`);
  }
  return rounds;
}
