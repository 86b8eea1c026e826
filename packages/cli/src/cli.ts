/**
 * The commands of `longrun`, and what their failures look like.
 */
import { devCommand } from './commands/dev.js';
import { explainCommand } from './commands/explain.js';
import { keysCommand } from './commands/keys.js';
import { migrateCommand } from './commands/migrate.js';
import { start } from './commands/start.js';
import { sweepCommand } from './commands/sweep.js';
import { UsageError } from './commands/usage-error.js';
import { workerCommand } from './commands/worker.js';

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  start,
  dev: devCommand,
  worker: workerCommand,
  sweep: sweepCommand,
  migrate: migrateCommand,
  // It brings the settings of all processes with it, which the others have no use for.
  doctor: async (args) => (await import('./commands/doctor.js')).doctorCommand(args),
  explain: explainCommand,
  keys: keysCommand,
};

const HELP = `longrun <command> [options]

  dev        one process on your langgraph.json, for development
  start      Postgres, Redis, api, workers and sweeper on this machine
  worker     one worker in the foreground
  sweep      one sweeper in the foreground, or one sweep for a cron job
  migrate    bring the database of DATABASE_URL up to date
  doctor     whether everything is there that the processes need
  explain    what happened to a run
  keys       API keys: create, list, rotate, revoke

longrun <command> --help says more. Exit codes: 0 done or stopped, 1 failed, 2 called wrongly, 130 killed by a second Ctrl-C.`;

/** Runs a command; returns the exit code: 2 when it was called wrongly, 1 when it failed. */
export async function runCli(args: readonly string[]): Promise<number> {
  // `longrun help dev` is `longrun dev --help`.
  const isAboutOne = args[0] === 'help' && args.length > 1;
  const [name = 'help', ...rest] = isAboutOne ? [...args.slice(1), '--help'] : args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const asked = ['help', '--help', '-h'].includes(name);
    (asked ? console.log : console.error)(asked ? HELP : `There is no command ${name}.\n\n${HELP}`);
    return asked ? 0 : 2;
  }
  try {
    return await command(rest);
  } catch (error) {
    console.error(`longrun: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof UsageError ? 2 : 1;
  }
}
