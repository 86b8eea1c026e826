/**
 * The checker finds every way in which a log can be broken; a checker that finds nothing would make every test pass.
 */
import { describe, expect, it } from '@jest/globals';

import { checkRunLog } from './check-run-log.js';
import type { LogRecord } from './check-run-log.js';

function metadata(seq: number, attempt: number, runId = 'r1'): LogRecord {
  return { seq, event: 'metadata', data: JSON.stringify({ run_id: runId, attempt }) };
}

function values(seq: number): LogRecord {
  return { seq, event: 'values', data: '{}' };
}

function end(seq: number): LogRecord {
  return { seq, event: 'end', data: '{"run_id":"r1","status":"success"}' };
}

describe('the checker of logs', () => {
  it('accepts a whole log, with several attempts, and the rest of one', () => {
    expect(checkRunLog([metadata(0, 1), values(1), metadata(2, 2), values(3), end(4)])).toEqual([]);
    expect(checkRunLog([values(3), end(4)], { from: 3 })).toEqual([]);
    expect(checkRunLog([metadata(0, 1), values(1)], { end: 'absent' })).toEqual([]);
    expect(checkRunLog([metadata(0, 1), values(1)], { end: 'open' })).toEqual([]);
  });

  it.each([
    ['a gap', [metadata(0, 1), values(2), end(3)], /^gap: 2 follows where 1 is due$/],
    ['a missing beginning', [values(1), end(2)], /^gap: 1 follows where 0 is due$/],
    ['a duplicate', [metadata(0, 1), values(1), values(1), end(2)], /^duplicate .*: 1 comes where 2 is due$/],
    [
      'a wrong order',
      [metadata(0, 1), values(2), values(1), end(3)],
      /^gap: 2[\s\S]*duplicate or out of order: 1/,
    ],
    ['no end', [metadata(0, 1), values(1)], /^end: 0 end records instead of one$/],
    ['an empty log', [], /^end: 0 end records/],
    ['two ends', [metadata(0, 1), end(1), end(2)], /^end: 2 end records instead of one$/],
    ['something after the end', [metadata(0, 1), end(1), values(2)], /^end: 2 comes after the end record$/],
    [
      'an attempt that goes back',
      [metadata(0, 2), metadata(1, 1), end(2)],
      /^attempt: 1 comes after 2 at 1$/,
    ],
    ['a second run', [metadata(0, 1), metadata(1, 2, 'r2'), end(2)], /^run: 1 belongs to r2$/],
  ] as [string, LogRecord[], RegExp][])('finds %s', (_name, log, problem) => {
    expect(checkRunLog(log).join('\n')).toMatch(problem);
  });

  it('finds an end where none may be', () => {
    expect(checkRunLog([metadata(0, 1), end(1)], { end: 'absent' })).toEqual([
      'end: 1 end records where none is expected',
    ]);
  });
});
