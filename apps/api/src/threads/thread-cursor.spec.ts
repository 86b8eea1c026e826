import { describe, expect, it } from '@jest/globals';
import { parseThreadCursor } from './thread-cursor.js';

describe('a place in the stream of a thread', () => {
  it('is now without a header, and the beginning when asked for', () => {
    expect(parseThreadCursor(undefined)).toBeNull();
    expect(parseThreadCursor('')).toBeNull();
    expect(parseThreadCursor('-')).toEqual({ started: '0', seq: -1 });
  });

  it('is a run and a number in its log', () => {
    expect(parseThreadCursor('1763730000000001-17')).toEqual({ started: '1763730000000001', seq: 17 });
  });

  it.each(['x', '5', '5-', '-5', '1-2-3', '1.5-2', '99999999999999999999-1'])('%s is refused', (header) => {
    expect(() => parseThreadCursor(header)).toThrow(/^Last-Event-ID/);
  });
});
