/**
 * Loaded before the product into every process of a stack under test (`node --import`): has a protection removed from the modules as they
 * are read, and acts at the moments that are armed.
 */
import { existsSync, renameSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { register } from 'node:module';
import { join } from 'node:path';
import { onTestPoint, type TestPoint } from '@longrun/contracts';
import { readTestBuild } from './environment.js';
import { PROTECTIONS } from './protections.js';
import { armedFile, type PointAction } from './test-points.js';

const { without, armedFolder, clockAheadMs = 0 } = readTestBuild();

if (clockAheadMs !== 0) setClock(clockAheadMs);

if (without !== undefined) {
  register('./remove-protection.js', import.meta.url, { data: PROTECTIONS[without] });
}
if (armedFolder !== undefined) {
  const folder = armedFolder;
  onTestPoint((point) => {
    for (const action of ['kill', 'freeze', 'throw'] as const) {
      if (existsSync(armedFile(folder, point, action)) && isFirst(folder, point, action)) return act(action);
    }
    return undefined;
  });
}

/** The wall clock; monotonic clocks and timers stay. */
function setClock(aheadMs: number): void {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...values: readonly number[]) {
      // The parts of a date, one value, or nothing for now.
      super(...((values.length === 0 ? [RealDate.now() + aheadMs] : values) as [number]));
    }

    static override now(): number {
      return RealDate.now() + aheadMs;
    }
  } as DateConstructor;
}

/** Of all processes that reach the moment, one acts. */
function isFirst(folder: string, point: TestPoint, action: PointAction): boolean {
  try {
    renameSync(
      armedFile(folder, point, action),
      join(folder, 'acted', `${String(process.pid)} ${String(Date.now())}`),
    );
    return true;
  } catch {
    return false;
  }
}

async function act(action: PointAction): Promise<void> {
  if (action === 'throw') throw new Error('A test makes this moment fail.');
  if (action === 'freeze') {
    // Somebody else has to thaw it: longer than the lease after which it is taken for dead.
    const thaw = `sleep 12; kill -CONT ${String(process.pid)}`;
    spawn('sh', ['-c', thaw], { detached: true, stdio: 'ignore' }).unref();
  }
  process.kill(process.pid, action === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  // The signal is delivered to this thread at its next turn at the latest.
  await new Promise((resolve) => setTimeout(resolve, 10));
}
