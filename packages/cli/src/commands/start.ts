/**
 * `longrun start`: the whole system on one machine.
 */
import { readEnvironment } from '../config/environment.js';
import { repositoryRoot } from '../start/apps.js';
import { listAssistants, readyReport } from '../start/ready-report.js';
import { runSession } from '../start/run-session.js';
import { note } from './note.js';
import { parseStartOptions, START_HELP } from './start-options.js';

/**
 * Runs until it is told to stop.
 *
 * @returns the exit code: 0 when it was stopped, 130 when it was made to stop at once
 * @throws UsageError for wrong options; Error with a clear message when the stack cannot be started
 */
export async function start(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(START_HELP);
    return 0;
  }
  const environment = readEnvironment();
  const options = parseStartOptions(args, repositoryRoot(), environment.port);
  return runSession({
    options,
    environment,
    note,
    whenUp: async (_session, stack) => {
      if (options.json) console.log(JSON.stringify(stack));
      else console.log(readyReport(stack, await listAssistants(stack.apis[0]?.url ?? ''), options.dataDir));
    },
  });
}
