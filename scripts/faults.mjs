// `pnpm faults`: builds, then kills, freezes and cuts off the parts of a real system and checks what it promises.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, turbo } from './turbo.mjs';

if ((await turbo(['run', 'build'], { quiet: true })) !== 0) {
  console.error('longrun: the build failed; its output is above.');
  process.exit(1);
}
const main = join(root, 'packages/faults/dist/main.js');
const { status } = spawnSync(process.execPath, ['--enable-source-maps', main, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
