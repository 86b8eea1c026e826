// `pnpm faults`: builds, then kills, freezes and cuts off the parts of a real system and checks what it promises.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from './turbo.mjs';
import { withTestServices } from './test-services.mjs';

// The Postgres is for the scenarios that do nothing to it; the others have one of their own.
const { code, interrupted } = await withTestServices('faults', async (env) => {
  const main = join(root, 'packages/faults/dist/main.js');
  const child = spawn(process.execPath, ['--enable-source-maps', main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [exitCode] = await once(child, 'exit');
  return exitCode ?? 1;
});
process.exit(interrupted ? 130 : code);
