/**
 * `pnpm bench`: what Longrun costs and how fast it is, beside what users would otherwise run and beside the limit.
 */
import { writeFileSync } from 'node:fs';
import { stopEverything } from './harness/cleanups.js';
import { runGuard } from './guard/guard.js';
import { watchOtherLoad } from './harness/other-load.js';
import { HELP, parseOptions, type Options } from './options.js';
import { figure, toMarkdown } from './report/markdown.js';
import { machine, readRecord, recordOf, writeRecord, type Recorded } from './report/record.js';
import { sourceTable, summaryTable } from './report/summary.js';
import { SUITES } from './suites/index.js';

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') print(HELP);
  else if (options === 'guard') return runGuard(print, note);
  else if (options === 'summary') {
    const records = new Map(
      SUITES.flatMap(({ name }) => {
        const record = readRecord(name);
        return record ? [[name, record]] : [];
      }),
    );
    for (const table of [summaryTable(records), sourceTable(records)]) print(`${toMarkdown(table)}\n`);
  } else if (options === 'list') {
    for (const { name, about, seconds } of SUITES)
      print(`${name.padEnd(12)} ${about} (${String(seconds.long)} s)`);
  } else return runSuites(options);
  return 0;
}

async function runSuites({ suites, size, rounds, json, record }: Options): Promise<number> {
  print(`${machine()}; ${size}`);
  const records: Recorded[] = [];
  let hasProblems = false;
  for (const suite of suites) {
    const startedAt = performance.now();
    const otherLoadSince = watchOtherLoad();
    note(`${suite.name}: about ${String(suite.seconds[size])} s`);
    const result = await suite.run({
      size,
      rounds,
      note: (sentence) => {
        note(`${suite.name}: ${sentence}`);
      },
    });
    for (const table of result.tables) print(`\n${toMarkdown(table)}`);
    for (const problem of result.problems) print(`PROBLEM ${suite.name}: ${problem}`);
    hasProblems ||= result.problems.length > 0;
    const recorded = recordOf(suite.name, size, otherLoadSince(), result);
    print(`\nCommit ${recorded.commit}. Other processes used ${figure(recorded.otherLoad)} cores meanwhile.`);
    records.push(recorded);
    const file = writeRecord(recorded, record);
    note(`${suite.name}: ${String(Math.round((performance.now() - startedAt) / 1_000))} s; ${file}`);
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(records, null, 2)}\n`);
  return hasProblems ? 1 : 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => void stopEverything().then(() => process.exit(130)));
}
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(2);
  },
);
