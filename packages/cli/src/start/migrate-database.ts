/**
 * Brings a database up to date: Longrun's tables, and LangGraph's beside them.
 */
import { createPool, migrate } from '@longrun/database';
import { setupCheckpointTables } from '@longrun/graphs';

/**
 * Migrates; does nothing when there is nothing to do.
 *
 * @returns names of the migrations that were applied
 * @throws Error of Postgres or of a migration that does not fit
 */
export async function migrateDatabase(databaseUrl: string): Promise<string[]> {
  const { applied } = await migrate(databaseUrl);
  const pool = createPool({ url: databaseUrl });
  try {
    await setupCheckpointTables(pool);
  } finally {
    await pool.end();
  }
  return applied;
}
