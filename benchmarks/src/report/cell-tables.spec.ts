import { describe, expect, it } from '@jest/globals';
import type { CellResult } from '../harness/cells.js';
import { costRows, figureRows, figureTable, problemsOf } from './cell-tables.js';
import { figure, ratio, toMarkdown } from './markdown.js';

function result(contender: string, kind: CellResult['kind'], latencies: number[][]): CellResult {
  return {
    cell: 'stream',
    contender,
    kind,
    rounds: latencies.map((values) => ({
      operations: values.length,
      latencies: { end: values },
      figures: { 'runs/s': 10 * values.length },
      problems: kind === 'floor' ? ['a token was lost'] : [],
      clientCpuMs: 3,
      serverCpuMs: { api: 6, worker: 12 },
      rssMb: { api: 100, worker: 200 },
    })),
  };
}

const RESULTS = [
  result('longrun', 'longrun', [
    [4, 5, 6],
    [7, 8, 9],
  ]),
  result('in-memory', 'in-memory', [[40, 50, 60]]),
  result('floor', 'floor', [[1, 2, 3]]),
];

describe('the figures of cells', () => {
  it('are quantiles of all operations and the median of the rounds', () => {
    expect(figureRows(RESULTS)[0]).toMatchObject({ measure: 'end, ms', count: 6, median: 8, p50: 7, p99: 9 });
    expect(figureRows(RESULTS)[1]).toMatchObject({ measure: 'runs/s', count: 2, median: 30 });
  });

  it('stand beside the ratios to the in-memory server and to the floor', () => {
    const { rows } = figureTable('Start', figureRows(RESULTS));
    expect(rows.map((row) => [row[1], row[2], row[8], row[9]])).toEqual([
      ['end, ms', 'longrun', '0.16×', '4×'],
      ['end, ms', 'in-memory', '1×', '25×'],
      ['end, ms', 'floor', '0.04×', '1×'],
      ['runs/s', 'longrun', '1×', '1×'],
      ['runs/s', 'in-memory', '1×', '1×'],
      ['runs/s', 'floor', '1×', '1×'],
    ]);
  });

  it('cost processor time per operation, of the client and of every process of the server', () => {
    expect(costRows(RESULTS)[0]).toMatchObject({
      operations: 6,
      clientCpuMs: 1,
      serverCpuMs: 6,
      serverCpuMsBy: { api: 2, worker: 4 },
      rssMb: 300,
    });
  });

  it('are told with what went wrong', () => {
    expect(problemsOf(RESULTS)).toEqual(['stream, floor: a token was lost']);
  });
});

describe('a Markdown table', () => {
  it('is aligned', () => {
    expect(toMarkdown({ title: 'T', head: ['a', 'long'], rows: [['1', '2']] })).toBe(
      '### T\n\n| a   | long |\n| --- | ---- |\n| 1   | 2    |',
    );
  });

  it('has three significant digits', () => {
    expect([12_345.6, 123.4, 1.2345, 0.01234, 0, NaN, undefined].map(figure)).toEqual([
      '12,346',
      '123',
      '1.23',
      '0.012',
      '0',
      '-',
      '-',
    ]);
    expect([ratio(1, 2), ratio(1, 0), ratio(1, undefined)]).toEqual(['0.5×', '-', '-']);
  });
});
