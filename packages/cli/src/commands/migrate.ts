/**
 * `longrun migrate`: brings the database of DATABASE_URL up to date; for a deployment's first step.
 */
import { readEnvironment } from '../config/environment.js';
import { migrateDatabase } from '../start/migrate-database.js';
import { UsageError } from './usage-error.js';

/**
 * Migrates and says what was applied.
 *
 * @throws UsageError without DATABASE_URL; Error of Postgres or of the migration
 */
export async function migrateCommand(args: readonly string[]): Promise<number> {
  const rest = args.filter((arg) => arg !== '--');
  if (rest.length > 0) throw new UsageError(`longrun migrate takes no options, got ${rest.join(' ')}.`);
  const { databaseUrl, databaseDirectUrl } = readEnvironment();
  const url = databaseDirectUrl ?? databaseUrl;
  if (url === undefined) throw new UsageError('longrun migrate needs DATABASE_URL.');
  const applied = await migrateDatabase(url);
  console.log(applied.length === 0 ? 'Nothing to migrate.' : `Applied: ${applied.join(', ')}.`);
  return 0;
}
