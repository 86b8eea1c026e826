// Fails when a migration is not safe with the version before it (see docs/upgrades.md), or when the migrations do not lead to
// prisma/schema.prisma. Uses DATABASE_URL, or brings up a Postgres of its own.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkSafety } from '../packages/database/scripts/migration-safety.mjs';
import { startPostgres } from '../packages/local-services/dist/index.js';

const root = path.resolve(import.meta.dirname, '..');
await refuseUnsafe();
let databaseUrl = process.env.DATABASE_URL;
let stop = async () => undefined;
if (!databaseUrl) {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'longrun-migrations-'));
  const postgres = await startPostgres({ dataDir });
  databaseUrl = postgres.url;
  stop = async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
try {
  const { status } = spawnSync(process.execPath, ['scripts/migration.mjs', 'drift'], {
    cwd: path.join(root, 'packages/database'),
    stdio: 'inherit',
    env: { ...process.env, DATABASE_URL: databaseUrl },
  });
  process.exitCode = status ?? 1;
} finally {
  await stop();
}

async function refuseUnsafe() {
  const folder = path.join(root, 'packages/database/prisma');
  const entries = await readdir(path.join(folder, 'migrations'), { withFileTypes: true });
  const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  const migrations = await Promise.all(
    // The first has no version before it.
    names.slice(1).map(async (name) => ({
      name,
      sql: await readFile(path.join(folder, 'migrations', name, 'migration.sql'), 'utf8'),
    })),
  );
  const problems = checkSafety(
    migrations,
    JSON.parse(await readFile(path.join(folder, 'accepted.json'), 'utf8')),
  );
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exit(1);
}
