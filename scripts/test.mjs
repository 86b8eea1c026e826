// `pnpm test`: builds, provides a real Postgres and a real Redis, runs every package's tests, and counts them.
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, turbo } from './turbo.mjs';
import { withTestServices } from './test-services.mjs';

/** Where each package's jest leaves its result; relative to the package. */
const RESULT = join('.turbo', 'test-results.json');
const API = '@longrun/api';

const { code, interrupted } = await withTestServices('test', (env) => {
  for (const folder of packages()) rmSync(join(folder, RESULT), { force: true });
  const testArguments = [
    '--',
    '--json',
    `--outputFile=${RESULT}`,
    ...process.argv.slice(2).filter((arg) => arg !== '--'),
  ];
  // Two packages at a time: most tests wait, for a lease, a lock or a process. The api has as many tests as all others together, so it has a
  // lane of its own from the beginning. Everything is built by now: `--only` keeps the lanes from building beside each other.
  const lanes = [`--filter=${API}`, `--filter=!${API}`].map((filter) =>
    turbo(['run', 'test', filter, '--only', '--concurrency=1', '--continue=always', ...testArguments], {
      env,
    }),
  );
  return Promise.all(lanes).then((codes) => Math.max(...codes));
});

const total = count();
// A package whose tests could not even be run has no result, and has failed.
if (code !== 0 && total.failed === 0) total.failed = 1;
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(interrupted ? 130 : total.failed === 0 ? 0 : 1);

function packages() {
  const groups = ['apps', 'packages'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(group, name)),
  );
  return [...groups, 'examples', 'benchmarks'].map((folder) => join(root, folder));
}

function count() {
  const sum = { passed: 0, failed: 0 };
  for (const folder of packages()) {
    let result;
    try {
      result = JSON.parse(readFileSync(join(folder, RESULT), 'utf8'));
    } catch {
      continue;
    }
    sum.passed += result.numPassedTests;
    // A file that could not be loaded has no tests to count.
    sum.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  }
  return sum;
}
