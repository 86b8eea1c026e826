/**
 * What the guardian does when the pipe from its `start` has closed: the kernel closes the pipes of a killed process a moment before the process
 * is gone, so that its lock still looks held.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { identify, type ProcessIdentity } from '@longrun/local-services';
import { ProcessLedger } from '../src/start/process-ledger.js';

const GUARDIAN = fileURLToPath(new URL('../dist/start/guardian.js', import.meta.url));

let dataDir: string;
let database: ChildProcess;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'guardian-'));
  database = spawn('sleep', ['60']);
  new ProcessLedger(dataDir).record('redis', 'redis', database.pid ?? 0);
});
afterEach(() => {
  database.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

const identityOf = (pid: number): ProcessIdentity => identify(pid) ?? { pid, startedAt: '' };

/** Runs the guardian of `owner` with its pipe closed, to its end. */
async function guard(owner: ProcessIdentity, holder: ProcessIdentity): Promise<void> {
  writeFileSync(join(dataDir, 'start.lock'), JSON.stringify(holder));
  const guardian = spawn(process.execPath, [GUARDIAN, dataDir, '0', String(owner.pid), owner.startedAt], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await once(guardian, 'exit');
}

it('ends what is left although the lock of its own start still looks held', async () => {
  const ended = once(database, 'exit');
  const self = identityOf(process.pid);
  await guard(self, self);
  expect((await ended)[1]).toBe('SIGTERM');
});

it('leaves everything to another start that has the lock', async () => {
  const other = spawn('sleep', ['60']);
  await guard(identityOf(process.pid), identityOf(other.pid ?? 0));
  expect(database.exitCode ?? database.signalCode).toBeNull();
  other.kill('SIGKILL');
});
