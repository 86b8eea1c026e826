// Starts one Postgres for all test files, unless LONGRUN_TEST_DATABASE_URL names a server (as a superuser).
import { rm } from 'node:fs/promises';
import { makeTemporaryDataDir, startPostgres, VOLATILE_POSTGRES } from '@longrun/local-services';

export default async function setup() {
  if (process.env.LONGRUN_TEST_DATABASE_URL) return;
  const dataDir = makeTemporaryDataDir('longrun-graphs-');
  const server = await startPostgres({ dataDir, settings: VOLATILE_POSTGRES });
  process.env.LONGRUN_TEST_DATABASE_URL = server.url;
  globalThis.stopPostgresForTests = async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
