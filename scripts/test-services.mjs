// Builds, then provides a real Postgres and a real Redis to what needs them, and takes them away again.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, turbo } from './turbo.mjs';

/**
 * Ends the process with 1 when the build fails. A failure of `run`, or of a server to start, is told and returned as code 1.
 *
 * @param {string} name for the folder of the servers' data
 * @param {(env: Record<string, string>) => Promise<number>} run gets the variables that lead to the servers;
 * it is not called when a signal came before
 * @returns {Promise<{ code: number, interrupted: boolean }>}
 */
export async function withTestServices(name, run) {
  if ((await turbo(['run', 'build'], { quiet: true })) !== 0) {
    console.error('longrun: the build failed; its output is above.');
    process.exit(1);
  }
  const services = await import('../packages/local-services/dist/index.js');
  const note = (sentence) => console.error(`longrun: ${sentence}`);
  const dataDir = services.makeTemporaryDataDir(`longrun-${name}-`);
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => (interrupted = true));
  let postgres;
  let code = 1;
  try {
    const redisServer = await services.findRedisServer({
      dataDir: join(root, '.longrun'),
      binary: process.env.REDIS_SERVER_BIN,
      note,
    });
    postgres = await services.startPostgres({ dataDir, note, settings: services.VOLATILE_POSTGRES });
    const env = { LONGRUN_TEST_DATABASE_URL: postgres.url, REDIS_SERVER_BIN: redisServer };
    if (!interrupted) code = await run(env);
  } catch (error) {
    console.error(`longrun: ${error.message}`);
  } finally {
    await postgres?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
  return { code, interrupted };
}
