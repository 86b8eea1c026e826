// `pnpm start`: builds what has changed, then is `longrun start`.
import { turbo } from './turbo.mjs';

const built = await turbo(
  ['run', 'build', ...['api', 'worker', 'sweeper', 'cli'].map((name) => `--filter=@longrun/${name}`)],
  { quiet: true },
);
if (built !== 0) {
  console.error('longrun: the build failed; its output is above.');
  process.exit(1);
}
const { runCli } = await import('../packages/cli/dist/index.js');
process.exit(await runCli(['start', ...process.argv.slice(2)]));
