// `pnpm start`: builds what has changed, then is `longrun start`.
import { readFileSync } from 'node:fs';
import { turbo } from './turbo.mjs';

// Who started us, up to the first process. When one of them ends during the build nobody passes that on, and afterwards
// there is nothing left to be watched.
const before = lineage().join();

const built = await turbo(
  ['run', 'build', ...['api', 'worker', 'sweeper', 'cli'].map((name) => `--filter=@longrun/${name}`)],
  { quiet: true },
);
if (built !== 0) {
  console.error('longrun: the build failed; its output is above.');
  process.exit(1);
}
if (lineage().join() !== before) process.exit(1);
const { runCli } = await import('../packages/cli/dist/index.js');
process.exit(await runCli(['start', ...process.argv.slice(2)]));

/** Pids above this process; only the parent's where there is no /proc. */
function lineage() {
  const pids = [];
  try {
    for (let pid = process.ppid; pid > 1; pids.push(pid), pid = parentOf(pid));
  } catch {
    pids.push(process.ppid);
  }
  return pids;
}

function parentOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended; only its parent has not noticed.
  return state === 'Z' ? 0 : Number(parent);
}
