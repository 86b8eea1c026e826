/**
 * `pnpm faults`: the proof that the promises hold under faults, as one command.
 */
import { writeFileSync } from 'node:fs';
import { HELP, parseOptions } from './options.js';
import { record } from './record.js';
import { toTable } from './result-table.js';
import { hasHeld, runSuite } from './run-suite.js';
import { SCENARIOS } from './scenarios/index.js';

const MAX_SEED = 1_000_000;

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), Math.floor(Math.random() * MAX_SEED));
  if (options === 'help') print(HELP);
  else if (options === 'list') for (const { name, fault } of SCENARIOS) print(`${name.padEnd(28)} ${fault}`);
  else {
    print(`seed ${String(options.seed)}, ${options.size}`);
    // Scenario by scenario: a long suite that is broken off has told what it knew.
    const results = await runSuite(options, print, (ofScenario) => {
      if (options.record) record(ofScenario);
    });
    print(toTable(results));
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
    return hasHeld(results) ? 0 : 1;
  }
  return 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
