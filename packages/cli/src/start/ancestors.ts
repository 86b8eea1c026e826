/**
 * The package manager that started us, if one did: its end is ours, even when nobody passes a signal on.
 */
import { commandLine, identify, isAlive, parentOf } from '@longrun/local-services';
import type { ProcessIdentity } from '@longrun/local-services';

const POLL_MS = 500;
const RUNNER = /(^|[/\s])(npm|npx|pnpm|yarn)(@[\d.]+)?(\.c?js|\s|$)|[/@]pnpm[/@]/;
const SHELL = /^(\S*\/)?(sh|bash|dash|zsh|ash)\s+-c\s/;

/**
 * Calls `onGone` once when a package manager above us has ended. Shells between it and us belong to it; a shell that
 * a person sits at does not.
 *
 * @returns a function that ends the watch
 */
export function watchPackageManager(onGone: () => void): () => void {
  const watched = runnersAbove(process.pid);
  if (watched.length === 0) return () => undefined;
  const timer = setInterval(() => {
    if (watched.every(isAlive)) return;
    clearInterval(timer);
    onGone();
  }, POLL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/** Ancestors up to the outermost package manager, as long as nothing else is in between. */
function runnersAbove(pid: number): ProcessIdentity[] {
  const chain: ProcessIdentity[] = [];
  let outermost = 0;
  for (let parent = parentOf(pid); parent !== undefined && parent > 1; parent = parentOf(parent)) {
    const command = commandLine(parent);
    const isRunner = RUNNER.test(command) && !SHELL.test(command);
    const identity = identify(parent);
    if (identity === undefined || (!isRunner && !SHELL.test(command))) break;
    chain.push(identity);
    if (isRunner) outermost = chain.length;
  }
  return chain.slice(0, outermost);
}
