// Fails when the migrations do not lead to prisma/schema.prisma. Uses DATABASE_URL, or brings up a Postgres of its own.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres } from '../packages/local-services/dist/index.js';

const root = path.resolve(import.meta.dirname, '..');
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
