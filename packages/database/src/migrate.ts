/**
 * Applies `prisma/migrations` with nothing but the driver, for production images and machines without Prisma's engines.
 * Table, lock and checksums are those of `prisma migrate deploy`, which finds nothing to do afterwards.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const MIGRATIONS = new URL('../prisma/migrations/', import.meta.url);
/** The advisory lock that Prisma's engine takes. */
const MIGRATION_LOCK = 72707369;
/** How often a process asks for the lock that another holds. */
const LOCK_INTERVAL_MS = 100;

const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id varchar(36) PRIMARY KEY NOT NULL, checksum varchar(64) NOT NULL, finished_at timestamptz,
  migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`;

const APPLIED =
  'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL';

interface AppliedMigration {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

/**
 * Brings the database up to this version. Several processes may call it at once: one applies, the others wait and find
 * nothing to do.
 *
 * @param migrations folder of the migrations, with a slash at its end; by default those of this version
 * @throws Error when an earlier migration failed half-way, or when an applied one was edited since
 */
export async function migrate(
  databaseUrl: string,
  migrations: URL = MIGRATIONS,
): Promise<{ applied: string[] }> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await takeLock(client);
    await client.query(CREATE_TABLE);
    const { rows } = await client.query<AppliedMigration>(APPLIED);
    const failed = rows.find((row) => row.finished_at === null);
    if (failed) {
      throw new Error(
        `Migration ${failed.migration_name} failed half-way earlier. Read its row in _prisma_migrations, mend the database, then delete the row.`,
      );
    }
    const applied: string[] = [];
    for (const name of await migrationNames(migrations)) {
      const sql = await readFile(new URL(`${name}/migration.sql`, migrations), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      const done = rows.find((row) => row.migration_name === name);
      if (!done) {
        await apply(client, name, sql, checksum);
        applied.push(name);
      } else if (done.checksum !== checksum) {
        throw new Error(
          `Migration ${name} was edited after it had been applied to this database. Restore the file and write a new migration.`,
        );
      }
    }
    return { applied };
  } finally {
    await client.end();
  }
}

/**
 * What {@link migrate} would apply, and what keeps it from doing so. Changes nothing.
 *
 * @returns the names of those to be applied, and of one that failed half-way
 */
export async function pendingMigrations(
  databaseUrl: string,
): Promise<{ pending: string[]; failed: string | undefined }> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string | null }>(
      "SELECT to_regclass('_prisma_migrations')::text AS name",
    );
    const names = await migrationNames(MIGRATIONS);
    if (!tables[0]?.name) return { pending: names, failed: undefined };
    const { rows } = await client.query<AppliedMigration>(APPLIED);
    const done = new Set(rows.map((row) => row.migration_name));
    const failed = rows.find((row) => row.finished_at === null);
    return { pending: names.filter((name) => !done.has(name)), failed: failed?.migration_name };
  } finally {
    await client.end();
  }
}

/**
 * Asks again and again instead of waiting in one statement: the snapshot of a statement that waits would keep an index that is
 * made concurrently from being finished, and so the lock from coming free.
 */
async function takeLock(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [
      MIGRATION_LOCK,
    ]);
    if (rows[0]?.taken) return;
    await sleep(LOCK_INTERVAL_MS);
  }
}

async function migrationNames(migrations: URL): Promise<string[]> {
  const entries = await readdir(migrations, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function apply(client: pg.Client, name: string, sql: string, checksum: string): Promise<void> {
  const id = randomUUID();
  await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
    id,
    checksum,
    name,
  ]);
  try {
    // One simple query is one implicit transaction: a migration applies as a whole or not at all. A statement that is alone in its file is in
    // no transaction of several, as an index that is made concurrently needs.
    await client.query(sql);
  } catch (error) {
    await client.query('UPDATE _prisma_migrations SET logs = $2 WHERE id = $1', [id, String(error)]);
    throw error;
  }
  await client.query(
    'UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = $1',
    [id],
  );
}
