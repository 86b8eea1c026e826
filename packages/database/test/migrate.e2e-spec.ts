import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createEmptyDatabase, type TestDatabase } from '@longrun/testing';
import { migrate } from '../src/migrate.js';
import { execute } from './fixture.js';

interface MigrationRow {
  migration_name: string;
  finished: boolean;
  logs: string | null;
}

const rowsOf = (url: string): Promise<MigrationRow[]> =>
  execute<MigrationRow & Record<string, unknown>>(
    url,
    'SELECT migration_name, finished_at IS NOT NULL AS finished, logs FROM _prisma_migrations ORDER BY started_at',
  );

describe('migrate', () => {
  const databases: TestDatabase[] = [];
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.drop();
  });
  const create = async (): Promise<string> => {
    const database = await createEmptyDatabase();
    databases.push(database);
    return database.url;
  };

  it('applies every migration once when four processes do it at the same time, and nothing afterwards', async () => {
    const url = await create();
    const results = await Promise.all([1, 2, 3, 4].map(() => migrate(url)));
    const applied = results.filter((result) => result.applied.length > 0);
    expect(applied).toHaveLength(1);
    expect((await rowsOf(url)).map((row) => row.migration_name)).toEqual(applied[0]?.applied);
    expect((await rowsOf(url)).every((row) => row.finished)).toBe(true);
    expect(await execute(url, 'SELECT count(*)::int AS n FROM run')).toEqual([{ n: 0 }]);
    expect(await migrate(url)).toEqual({ applied: [] });
  });

  it('refuses to go on when a migration was edited after it had been applied', async () => {
    const url = await create();
    const { applied } = await migrate(url);
    await execute(
      url,
      "UPDATE _prisma_migrations SET checksum = 'of another file' WHERE migration_name = $1",
      [applied[0]],
    );
    await expect(migrate(url)).rejects.toThrow(
      `Migration ${applied[0]} was edited after it had been applied`,
    );
  });

  it('applies a migration as a whole or not at all, keeps its error, and goes on only when its row is gone', async () => {
    const url = await create();
    await execute(url, 'CREATE TABLE sweeper (in_the_way int)');
    await expect(migrate(url)).rejects.toThrow('relation "sweeper" already exists');
    const [failed] = await rowsOf(url);
    expect(failed).toMatchObject({
      finished: false,
      logs: expect.stringContaining('"sweeper" already exists'),
    });
    expect(await execute(url, "SELECT to_regclass('run') AS run")).toEqual([{ run: null }]);
    await execute(url, 'DROP TABLE sweeper');
    await expect(migrate(url)).rejects.toThrow(`Migration ${failed?.migration_name} failed half-way earlier`);
    await execute(url, 'DELETE FROM _prisma_migrations');
    expect((await migrate(url)).applied).toContain(failed?.migration_name);
  });

  it('makes an index concurrently while others wait for their turn', async () => {
    const url = await create();
    const folder = await mkdtemp(path.join(tmpdir(), 'longrun-migrations-'));
    for (const [name, sql] of [
      ['1_table', 'CREATE TABLE thing (id int); INSERT INTO thing SELECT generate_series(1, 200000);'],
      ['2_index', '-- Alone.\nCREATE INDEX CONCURRENTLY thing_id ON thing (id);'],
    ] as const) {
      await mkdir(path.join(folder, name));
      await writeFile(path.join(folder, name, 'migration.sql'), sql);
    }
    const migrations = pathToFileURL(`${folder}/`);
    const results = await Promise.all([1, 2, 3].map(() => migrate(url, migrations)));
    await rm(folder, { recursive: true });
    expect(results.flatMap((result) => result.applied)).toEqual(['1_table', '2_index']);
    const valid = await execute(
      url,
      "SELECT indisvalid FROM pg_index WHERE indexrelid = 'thing_id'::regclass",
    );
    expect(valid).toEqual([{ indisvalid: true }]);
  });
});
