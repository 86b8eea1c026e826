/**
 * `longrun migrate`: brings the database of DATABASE_URL up to date; for a deployment's first step.
 */
import { readEnvironment } from '../config/environment.js';
import { migrateDatabase } from '../start/migrate-database.js';
import { parseOptions } from './parse-options.js';
import { UsageError } from './usage-error.js';

const MIGRATE_HELP = `longrun migrate: applies what is missing to the database of DATABASE_DIRECT_URL, else DATABASE_URL, and says what

It takes no options. Several may run at once: one migrates, the others wait and find nothing to do.`;

/**
 * Migrates and says what was applied.
 *
 * @throws UsageError without DATABASE_URL; Error of Postgres or of the migration
 */
export async function migrateCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(MIGRATE_HELP);
    return 0;
  }
  parseOptions(args, {}, MIGRATE_HELP);
  const { databaseUrl, databaseDirectUrl } = readEnvironment();
  const url = databaseDirectUrl ?? databaseUrl;
  if (url === undefined) throw new UsageError('longrun migrate needs DATABASE_URL.');
  const applied = await migrateDatabase(url);
  console.log(applied.length === 0 ? 'Nothing to migrate.' : `Applied: ${applied.join(', ')}.`);
  return 0;
}
