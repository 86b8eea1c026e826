/**
 * `longrun sweep`: the sweeper in the foreground, or one sweep for a cron job.
 */
import { readEnvironment } from '../config/environment.js';
import { parseOptions } from './parse-options.js';
import { runApp } from './run-app.js';
import { UsageError } from './usage-error.js';

const SWEEP_HELP = `longrun sweep [options]: one sweeper in the foreground, as the sweeper's image runs it

  --once   one full look (about 11 s), then the end: rescues the runs of dead workers, dispatches what nobody fetched, fires crons, delivers
           webhooks, removes what has expired. Prints a line of what it did (0), or why it could not (1). For a cron job.

It needs DATABASE_URL, migrated (longrun migrate); without REDIS_URL workers fetch what it dispatches from Postgres. Further settings are
in docs/configuration.md.`;

/**
 * Runs until it is told to stop, or once.
 *
 * @returns the sweeper's exit code
 * @throws UsageError without what it needs
 */
export async function sweepCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(SWEEP_HELP);
    return 0;
  }
  const { once } = parseOptions(args, { once: { type: 'boolean' } }, SWEEP_HELP);
  const environment = readEnvironment();
  if (environment.databaseUrl === undefined) throw new UsageError('longrun sweep needs DATABASE_URL.');
  return runApp('sweeper', once ? ['--once'] : [], environment);
}
