/**
 * A promise that a graph leaves behind and that rejects must fail its own run, never the process and its neighbours.
 */
import { failAttemptOnUnhandledRejection } from '@longrun/graphs';
import type { ExecutorLog } from '@longrun/runs';

/** Handles the process's unhandled rejections from now on. Returns the removal. */
export function failRunsOnUnhandledRejection(log: Pick<ExecutorLog, 'warn' | 'error'>): () => void {
  const onRejection = (error: unknown, promise: Promise<unknown>): void => {
    const run = failAttemptOnUnhandledRejection(error, promise);
    if (run) log.warn({ ...run, err: error }, 'a promise of the graph was rejected and nobody awaited it');
    else log.error({ err: error }, 'unhandled rejection outside any run');
  };
  process.on('unhandledRejection', onRejection);
  return () => process.off('unhandledRejection', onRejection);
}
