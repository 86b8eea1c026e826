/**
 * One start per data directory.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

import { identify } from '@longrun/local-services';
import { isInstanceLocked, takeInstanceLock } from './instance-lock.js';

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'instance-lock-'));
}

describe('the lock of a data directory', () => {
  it('is refused while a living process holds it, naming that process', () => {
    const dataDir = folder();
    const unlock = takeInstanceLock(dataDir);
    expect(() => takeInstanceLock(dataDir)).toThrow(
      new RegExp(`already running.*pid ${String(process.pid)}`),
    );
    unlock();
    expect(isInstanceLocked(dataDir)).toBe(false);
    takeInstanceLock(dataDir)();
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it('is taken over from a process that is gone, and from another that has its pid now', async () => {
    const dataDir = folder();
    const child = spawn('sleep', ['60']);
    const gone = identify(child.pid ?? 0);
    child.kill('SIGKILL');
    await once(child, 'exit');
    writeFileSync(join(dataDir, 'start.lock'), JSON.stringify(gone));
    takeInstanceLock(dataDir)();
    writeFileSync(join(dataDir, 'start.lock'), JSON.stringify({ pid: process.pid, startedAt: 'long ago' }));
    takeInstanceLock(dataDir)();
  });

  it('is taken over when its file holds nonsense', () => {
    const dataDir = folder();
    writeFileSync(join(dataDir, 'start.lock'), '{');
    takeInstanceLock(dataDir)();
  });
});
