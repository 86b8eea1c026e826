// `pnpm bench`: builds, then measures. The suites start their own servers: a benchmark's Postgres is durable, that of tests is not.
import { runBuilt } from './run-built.mjs';
import { turbo } from './turbo.mjs';

if ((await turbo(['run', 'build'], { quiet: true })) !== 0) {
  console.error('longrun: the build failed; its output is above.');
  process.exit(1);
}
process.exit(await runBuilt('benchmarks/dist/main.js'));
