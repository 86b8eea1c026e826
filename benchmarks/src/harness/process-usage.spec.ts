import { describe, expect, it } from '@jest/globals';
import { parseBusyMs } from './other-load.js';
import { cpuBetween, parseCpuMs, parseMemoryMb, readUsage } from './process-usage.js';

describe('what a process has used', () => {
  it('is its own time and that of its children that have ended, whatever the program is called', () => {
    const stat = '42 (a (b) c) S 1 42 42 0 -1 4194560 100 0 0 0 10 20 30 40 20 0 11 0 12345 0 0';
    expect(parseCpuMs(stat)).toBe(1_000);
  });

  it('counts what processes share once', () => {
    const status = (anon: number, file: number, shared: number): string =>
      `Name:\tpostgres\nVmRSS:\t ${String(anon + file + shared)} kB\nRssAnon:\t ${String(anon)} kB\nRssFile:\t ${String(file)} kB\nRssShmem:\t ${String(shared)} kB\n`;
    expect(parseMemoryMb([status(1_024, 2_048, 4_096), status(1_024, 1_024, 8_192)])).toBe(2 + 2 + 8);
  });

  it('can be read of this very process, and of one that is gone', () => {
    const before = readUsage([
      { name: 'jest', pid: process.pid },
      { name: 'gone', pid: 2 ** 22 },
    ]);
    expect(before.rssMb['jest']).toBeGreaterThan(10);
    expect(before.cpuMs['gone']).toBe(0);
    const until = performance.now() + 60;
    while (performance.now() < until);
    const after = readUsage([{ name: 'jest', pid: process.pid }]);
    expect(cpuBetween(before, after)['jest']).toBeGreaterThanOrEqual(20);
  });
});

describe('what the machine has done', () => {
  it('is everything but idling and waiting for the disk', () => {
    expect(parseBusyMs('cpu  100 10 50 9000 800 5 5 0 0 0\ncpu0 1 1 1 1 1 1 1 0 0 0\n')).toBe(1_700);
  });
});
