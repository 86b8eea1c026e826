/**
 * A database with the tables of the system, for a test.
 */
import { migrateDatabase } from '@longrun/cli';
import { createEmptyDatabase } from '@longrun/testing';
import type { TestDatabase } from '@longrun/testing';

/** Makes a fresh database with all tables: in the Postgres that all tests share, or else in one started for it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const database = await createEmptyDatabase();
  await migrateDatabase(database.url);
  return database;
}
