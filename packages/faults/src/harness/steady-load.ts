/**
 * Runs that are created one after the other while a fault goes on, each read live.
 */
import type { WatchedRun } from './collect-history.js';
import type { AcceptedRun, CreateOptions, RunClient, RunRequestBody } from './run-client.js';

export interface SteadyLoad {
  readonly runs: readonly (WatchedRun & AcceptedRun)[];
  /** Ends it; resolves with a sentence for every run that was not accepted. */
  stop(): Promise<string[]>;
}

/** Creates a run every `everyMs`, whether or not earlier ones have been answered. */
export function startSteadyLoad(
  client: RunClient,
  body: RunRequestBody,
  everyMs: number,
  options: CreateOptions = {},
): SteadyLoad {
  const runs: (WatchedRun & AcceptedRun)[] = [];
  const problems: string[] = [];
  const pending: Promise<void>[] = [];
  const one = async (): Promise<void> => {
    try {
      const run = await client.create(body, options);
      runs.push({ ...run, readings: [{ from: 0, reading: client.follow(run) }] });
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  };
  const timer = setInterval(() => pending.push(one()), everyMs);
  return {
    runs,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(pending);
      return problems;
    },
  };
}
