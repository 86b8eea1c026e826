/**
 * `longrun worker`: one worker in the foreground, on the databases of the environment.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';

import { readEnvironment } from '../config/environment.js';
import { parseOptions } from './parse-options.js';
import { runApp } from './run-app.js';
import { UsageError } from './usage-error.js';

const WORKER_HELP = `longrun worker [options]: one worker in the foreground, as the worker's image runs it

  --config <file>   the langgraph.json with its graphs (LANGGRAPH_CONFIG_PATH, else ./langgraph.json)

It needs DATABASE_URL, migrated (longrun migrate), and REDIS_URL; further settings are in docs/configuration.md. SIGTERM and Ctrl-C let its
runs go on for DRAIN_GRACE_MS and give the rest back; once more kills it at once (130), and other workers go on with its runs.`;

/**
 * Runs until it is told to stop.
 *
 * @returns the worker's exit code: 0 when it was stopped
 * @throws UsageError without what it needs
 */
export async function workerCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(WORKER_HELP);
    return 0;
  }
  const { config } = parseOptions(args, { config: { type: 'string' } }, WORKER_HELP);
  const environment = readEnvironment();
  for (const [name, value] of [
    ['DATABASE_URL', environment.databaseUrl],
    ['REDIS_URL', environment.redisUrl],
  ] as const) {
    if (value === undefined) throw new UsageError(`longrun worker needs ${name}.`);
  }
  const file = resolve(config ?? environment.graphsConfig ?? 'langgraph.json');
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new UsageError(
      `There is no ${file}. Name the langgraph.json with --config or LANGGRAPH_CONFIG_PATH.`,
    );
  }
  return runApp('worker', [], environment, { LANGGRAPH_CONFIG_PATH: file });
}
