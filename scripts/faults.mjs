// `pnpm faults`: builds, then kills, freezes and cuts off the parts of a real system and checks what it promises.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, turbo } from './turbo.mjs';

if ((await turbo(['run', 'build'], { quiet: true })) !== 0) {
  console.error('longrun: the build failed; its output is above.');
  process.exit(1);
}

const services = await import('../packages/local-services/dist/index.js');
const note = (sentence) => console.error(`longrun: ${sentence}`);
const dataDir = services.makeTemporaryDataDir('longrun-faults-');
let postgres;
let child;
// The suite gets the signal too, and stops what it has started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child?.kill(signal));

let code = 1;
try {
  const redisServer = await services.findRedisServer({
    dataDir: join(root, '.longrun'),
    binary: process.env.REDIS_SERVER_BIN,
    note,
  });
  // For the scenarios that do nothing to Postgres; the others have one of their own.
  postgres = await services.startPostgres({ dataDir, note, settings: services.VOLATILE_POSTGRES });
  const main = join(root, 'packages/faults/dist/main.js');
  child = spawn(process.execPath, ['--enable-source-maps', main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, LONGRUN_TEST_DATABASE_URL: postgres.url, REDIS_SERVER_BIN: redisServer },
  });
  [code] = await once(child, 'exit');
} catch (error) {
  console.error(`longrun: ${error.message}`);
} finally {
  await postgres?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
process.exit(code ?? 1);
