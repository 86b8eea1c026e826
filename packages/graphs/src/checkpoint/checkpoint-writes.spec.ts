import { describe, expect, it } from '@jest/globals';
import { NULL_TASK_ID } from './checkpoint-sql.js';
import {
  statementsOf,
  type WrittenCheckpoint,
  type TaskWriteRow,
  type WriteParameters,
} from './checkpoint-writes.js';

const address = { thread_id: 'thread', checkpoint_ns: '' };

function checkpoint(checkpoint_id: string): WrittenCheckpoint {
  return {
    ...address,
    checkpoint_id,
    parent_checkpoint_id: null,
    checkpoint: `{"id":"${checkpoint_id}"}`,
    metadata: '{}',
  };
}

function taskWrite(idx: number, text = '', task_id = 'task'): TaskWriteRow {
  return {
    ...address,
    checkpoint_id: 'c1',
    task_id,
    idx,
    channel: 'a',
    type: 'json',
    bytes: Buffer.from(text),
  };
}

interface Placed {
  at?: number;
  size?: number;
}

function read([rows, bytes]: WriteParameters): {
  rows: Record<string, object[]>;
  textOf: (row: Placed) => string;
} {
  const textOf = ({ at = NaN, size = NaN }: Placed): string => bytes.toString('utf8', at - 1, at - 1 + size);
  return { rows: JSON.parse(rows) as Record<string, object[]>, textOf };
}

describe('the statements of checkpoint writes', () => {
  it('are one for all that lines up, with every value found again among the bytes', () => {
    const blob = { ...address, channel: 'a', version: '1', type: 'json' };
    const statements = statementsOf([
      { taskWrites: [taskWrite(0, 'zero'), taskWrite(-1, 'error')] },
      { blobs: [{ ...blob, bytes: Buffer.from('blöb') }], checkpoint: checkpoint('c1') },
      { checkpoint: checkpoint('c2') },
    ]);
    expect(statements).toHaveLength(1);
    const { rows, textOf } = read(statements[0]!);
    expect(rows['checkpoints']).toMatchObject([
      { place: 0, checkpoint_id: 'c1', checkpoint: { id: 'c1' } },
      { place: 1, checkpoint_id: 'c2' },
    ]);
    const texts = ['results', 'replacements', 'blobs'].map((name) => rows[name]!.map(textOf));
    expect(texts).toEqual([['zero'], ['error'], ['blöb']]);
  });

  it('give a channel without a value no place', () => {
    const [statement] = statementsOf([
      { blobs: [{ ...address, channel: 'a', version: '1', type: 'empty', bytes: undefined }] },
    ]);
    expect(read(statement!).rows).toEqual({
      blobs: [{ ...address, channel: 'a', version: '1', type: 'empty' }],
    });
  });

  it('hold back a call that replaces a row of an earlier one, and what comes after it', () => {
    const counts = (calls: Parameters<typeof statementsOf>[0]): number[] =>
      statementsOf(calls).map((statement) => Object.values(read(statement).rows).flat().length);
    expect(
      counts([
        { taskWrites: [taskWrite(-1)] },
        { taskWrites: [taskWrite(-1)] },
        { taskWrites: [taskWrite(0)] },
      ]),
    ).toEqual([1, 2]);
    expect(counts([{ checkpoint: checkpoint('c1') }, { checkpoint: checkpoint('c1') }])).toEqual([1, 1]);
    expect(
      counts([
        { taskWrites: [taskWrite(3, '', NULL_TASK_ID)] },
        { taskWrites: [taskWrite(3, '', NULL_TASK_ID)] },
      ]),
    ).toEqual([1, 1]);
    // The first result of a task stands, whoever writes it again.
    expect(counts([{ taskWrites: [taskWrite(0)] }, { taskWrites: [taskWrite(0)] }])).toEqual([2]);
  });

  it('hold no more than 8 MB of values each, unless one call has more', () => {
    const large = (version: string, megabytes: number): Parameters<typeof statementsOf>[0][number] => ({
      blobs: [
        { ...address, channel: 'a', version, type: 'json', bytes: Buffer.alloc(megabytes * 1024 * 1024) },
      ],
    });
    const sizes = statementsOf([
      large('1', 3),
      large('2', 5),
      large('3', 1),
      large('4', 9),
      large('5', 1),
    ]).map(([, bytes]) => bytes.length / 1024 / 1024);
    expect(sizes).toEqual([8, 1, 9, 1]);
  });

  it('take the last of several writes of one call to one special channel', () => {
    const [statement] = statementsOf([{ taskWrites: [taskWrite(-1, 'first'), taskWrite(-1, 'last')] }]);
    const { rows, textOf } = read(statement!);
    expect(rows['replacements']!.map(textOf)).toEqual(['last']);
  });
});
