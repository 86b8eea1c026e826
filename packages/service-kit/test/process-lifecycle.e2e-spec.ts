/**
 * Real processes: what they do when they are told to stop.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';

const SCRIPT = fileURLToPath(new URL('./stopping.mjs', import.meta.url));
const DEADLINE_MS = 300;

interface Child {
  process: ChildProcess;
  /** What it said to its parent when it was ready. */
  ready: unknown;
  /** How it ended, and all that it printed. */
  ended: Promise<{ code: number | null; output: string }>;
}

describe('stopOnSignal', () => {
  const children: ChildProcess[] = [];
  afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

  const start = async (mode: string, deadlineMs = 20_000): Promise<Child> => {
    const child = spawn(process.execPath, [SCRIPT, mode, String(deadlineMs)], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    children.push(child);
    // Not `close`: it does not come when it was this side that closed the channel.
    const exited = once(child, 'exit') as Promise<[number | null]>;
    const printed = Promise.all([text(child.stdout as Readable), text(child.stderr as Readable)]);
    const ended = Promise.all([exited, printed]).then(([[code], parts]) => ({
      code,
      output: parts.join(''),
    }));
    const [ready] = (await once(child, 'message')) as [unknown];
    return { process: child, ready, ended };
  };

  it.each(['SIGTERM', 'SIGINT'] as const)('stops on %s and exits with 0', async (signal) => {
    const child = await start('obeys');
    expect(child.ready).toEqual({ type: 'ready', id: 'x' });
    child.process.kill(signal);
    const { code, output } = await child.ended;
    expect(code).toBe(0);
    expect(output).toContain('stopped\n');
  });

  it('stops once, however many signals come', async () => {
    const child = await start('twice');
    child.process.kill('SIGTERM');
    const { code, output } = await child.ended;
    expect(code).toBe(0);
    expect(output.match(/^stop \d$/gm)).toEqual(['stop 1']);
  });

  it('exits with 1 at the deadline when stopping hangs', async () => {
    const child = await start('hangs', DEADLINE_MS);
    const before = performance.now();
    child.process.kill('SIGTERM');
    const { code, output } = await child.ended;
    expect(code).toBe(1);
    expect(output).toContain('did not stop in time');
    expect(performance.now() - before).toBeGreaterThanOrEqual(DEADLINE_MS - 50);
  });

  it('exits with 1 and the cause when stopping fails', async () => {
    const child = await start('fails');
    child.process.kill('SIGTERM');
    const { code, output } = await child.ended;
    expect(code).toBe(1);
    expect(output).toContain('cannot stop');
  });

  it('stops when the channel to its parent closes', async () => {
    const child = await start('obeys');
    child.process.disconnect();
    const { code, output } = await child.ended;
    expect(code).toBe(0);
    // Two writers of one pipe: their order is not part of the promise.
    expect(output).toContain('parent gone');
    expect(output).toContain('stopped\n');
  });
});
