// `pnpm test`: builds, provides a real Postgres and a real Redis, runs every package's tests, and counts them.
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, turbo } from './turbo.mjs';

/** Where each package's jest leaves its result; relative to the package. */
const RESULT = join('.turbo', 'test-results.json');

if ((await turbo(['run', 'build'], { quiet: true })) !== 0) {
  console.error('longrun: the build failed; its output is above.');
  process.exit(1);
}

const services = await import('../packages/local-services/dist/index.js');
const note = (sentence) => console.error(`longrun: ${sentence}`);
const dataDir = services.makeTemporaryDataDir('longrun-test-');
let postgres;
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => (interrupted = true));

let code = 1;
try {
  const redisServer = await services.findRedisServer({
    dataDir: join(root, '.longrun'),
    binary: process.env.REDIS_SERVER_BIN,
    note,
  });
  postgres = await services.startPostgres({ dataDir, note, settings: services.VOLATILE_POSTGRES });
  for (const folder of packages()) rmSync(join(folder, RESULT), { force: true });
  if (!interrupted) {
    const testArguments = [
      '--',
      '--json',
      `--outputFile=${RESULT}`,
      ...process.argv.slice(2).filter((arg) => arg !== '--'),
    ];
    // Two packages at a time: most tests wait, for a lease, a lock or a process.
    code = await turbo(['run', 'test', '--concurrency=2', '--continue=always', ...testArguments], {
      env: { LONGRUN_TEST_DATABASE_URL: postgres.url, REDIS_SERVER_BIN: redisServer },
    });
  }
} catch (error) {
  console.error(`longrun: ${error.message}`);
} finally {
  await postgres?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

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
