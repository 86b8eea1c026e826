/**
 * Lines of a log for people.
 */
import { expect, it } from '@jest/globals';

import { readableLine } from './readable-line.js';

it('shows a line of the log in words, and what a graph prints as it is', () => {
  const at = '2026-01-01T10:20:30.400Z';
  const line = JSON.stringify({
    level: 'warn',
    time: at,
    service: 'api',
    pid: 1,
    runId: 'r',
    n: 2,
    msg: 'late',
  });
  expect(readableLine(line)).toBe('10:20:30 warn late runId=r n=2');
  const failed = JSON.stringify({
    level: 'error',
    time: at,
    err: { stack: 'Error: x\n  at y' },
    msg: 'failed',
  });
  expect(readableLine(failed)).toBe('10:20:30 error failed\nError: x\n  at y');
  for (const other of ['hello', '{"level":broken', '{"mine": 1}', ''])
    expect(readableLine(other)).toBe(other);
});
