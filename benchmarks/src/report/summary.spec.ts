import { describe, expect, it } from '@jest/globals';
import type { Recorded } from './record.js';
import { sourceTable, summaryTable } from './summary.js';

const about = {
  date: '2026-01-02T03:04:05.000Z',
  commit: 'abc',
  machine: 'a machine',
  otherLoad: 0.1,
  size: 'long' as const,
  settings: {},
  problems: [],
};
const row = (contender: string, p50: number, p99: number) => ({
  cell: 'stream, no-op, one at a time',
  measure: 'POST → first event, ms',
  contender,
  p50,
  p99,
});
const RECORDS = new Map<string, Recorded>([
  [
    'start',
    {
      ...about,
      suite: 'start',
      figures: { figures: [row('longrun', 5, 16), row('in-memory', 50, 160), row('floor', 0.5, 1)] },
    },
  ],
  [
    'counts',
    {
      ...about,
      suite: 'counts',
      figures: {
        perRun: [
          {
            load: 'no-op, background',
            tally: {
              totals: {
                'api run': { statements: 2, roundTrips: 1 },
                'worker run': { statements: 2, roundTrips: 3 },
                'worker checkpoint': { statements: 9, roundTrips: 9 },
              },
            },
          },
        ],
      },
    },
  ],
]);

describe('the summary', () => {
  const rows = summaryTable(RECORDS).rows;
  const rowOf = (measure: RegExp) => rows.find(([name]) => measure.test(name ?? ''))?.slice(1);

  it('says of each goal what was measured, both ratios, and whether it is reached', () => {
    expect(rowOf(/first event, p50/)).toEqual(['50', '0.5', '5', '6', '4', '0.1×', '10×', 'must']);
    expect(rowOf(/first event, p99/)?.at(-1)).toBe('no');
    expect(rowOf(/SQL statements/)).toEqual(['-', '-', '4', '6', '4', '-', '-', 'aim']);
    expect(rowOf(/round trips/)?.at(-1)).toBe('aim');
  });

  it('leaves open what was not measured', () => {
    expect(rowOf(/1,000 readers/)?.at(-1)).toBe('-');
  });

  it('names the source of every figure', () => {
    expect(sourceTable(RECORDS).rows[0]).toEqual([
      'start',
      '2026-01-02 03:04',
      'abc',
      'long',
      '0.1',
      'a machine',
    ]);
  });
});
