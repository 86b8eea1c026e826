import { describe, expect, it } from '@jest/globals';
import { checkHistory, type RunHistory } from './check-history.js';

const record = (seq: number, event: string, data: unknown) => ({ seq, event, data: JSON.stringify(data) });
const log = [
  record(0, 'metadata', { run_id: 'r', attempt: 1 }),
  record(1, 'custom', { step: 0, attempt: 1 }),
  record(2, 'metadata', { run_id: 'r', attempt: 2 }),
  record(3, 'custom', { step: 0, attempt: 2 }),
  record(4, 'end', { run_id: 'r', status: 'success' }),
];
const seen = log.slice(0, 4);
const whole: RunHistory = {
  runId: 'r',
  status: 'success',
  attempt: 2,
  threadStatus: 'idle',
  log,
  writes: [
    { kind: 'checkpoint', attempt: 1 },
    { kind: 'checkpoint', attempt: 2 },
  ],
  readings: [
    { from: 0, records: seen },
    { from: 2, records: seen.slice(2) },
  ],
};

describe('checkHistory', () => {
  it('finds nothing wrong with a run that was rescued in order', () => {
    expect(checkHistory(whole)).toEqual([]);
  });

  const broken: [string, Partial<RunHistory>, RegExp][] = [
    ['a run that has not ended', { status: 'running' }, /still running/],
    ['a thread that is not free', { threadStatus: 'busy' }, /still busy/],
    ['a gap', { log: log.filter(({ seq }) => seq !== 1) }, /gap/],
    ['a duplicate', { log: log.toSpliced(2, 0, log[1] as never) }, /duplicate/],
    ['two ends', { log: [...log, { ...record(5, 'end', {}) }] }, /2 end records/],
    ['no end', { log: seen }, /0 end records/],
    [
      'an event of an attempt that had lost the run',
      { log: log.with(3, record(3, 'custom', { attempt: 1 })) },
      /zombie write: 3/,
    ],
    [
      'a checkpoint of an attempt that had lost the run',
      {
        writes: [
          { kind: 'checkpoint', attempt: 2 },
          { kind: 'checkpoint', attempt: 1 },
        ],
      },
      /zombie write: a checkpoint/,
    ],
    ['an attempt that the run does not know', { attempt: 1 }, /the log knows 2, the run 1/],
    ['a reader that missed an event', { readings: [{ from: 0, records: seen.toSpliced(1, 1) }] }, /gap/],
    [
      'a reader that saw one twice',
      { readings: [{ from: 0, records: [...seen.slice(0, 2), ...seen.slice(1)] }] },
      /duplicate/,
    ],
    [
      'a reader that was left in the middle',
      { readings: [{ from: 0, records: seen.slice(0, 2) }] },
      /up to 1 of 3/,
    ],
    [
      'a reader that saw what was not kept',
      { readings: [{ from: 0, records: seen.with(1, record(1, 'custom', { step: 9, attempt: 1 })) }] },
      /changed: 1/,
    ],
  ];
  it.each(broken)('finds %s', (_what, change, problem) => {
    expect(checkHistory({ ...whole, ...change }).join('\n')).toMatch(problem);
  });
});
