/**
 * The map of a cluster, from what servers say.
 */
import { describe, expect, it } from '@jest/globals';

import { parseRedirection, parseSlots, SLOT_COUNT, slotOf } from './cluster-slots.js';

const A = { host: '10.0.0.1', port: 7_000 };
const B = { host: '10.0.0.2', port: 7_001 };
const node = (host: string | null, port: number): unknown[] => [host, port, 'id', ['hostname', 'x']];

describe('the map of slots', () => {
  it('knows the owner of every slot, the masters once each, and the replicas', () => {
    const map = parseSlots(
      [
        [0, 99, node(A.host, A.port), node('10.0.0.3', 7_002)],
        [100, 16_383, node(B.host, B.port)],
        [50, 60, node(B.host, B.port)],
      ],
      'asked',
    );
    expect([0, 49, 50, 60, 61, 99, 100, 16_383].map((slot) => map.ownerOf(slot)?.port)).toEqual([
      7_000, 7_000, 7_001, 7_001, 7_000, 7_000, 7_001, 7_001,
    ]);
    expect(map.masters).toEqual([A, B]);
    expect(map.replicas).toEqual([{ host: '10.0.0.3', port: 7_002 }]);
  });

  it('says nobody for a slot that nobody has, and beyond the last slot', () => {
    const map = parseSlots([[5, 6, node(A.host, A.port)]], 'asked');
    expect([4, 7, SLOT_COUNT, -1].map((slot) => map.ownerOf(slot))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('follows the move of one slot, also to a server that it did not know', () => {
    const map = parseSlots([[0, 16_383, node(A.host, A.port)]], 'asked');
    map.assign(7, 7, B);
    expect([6, 7, 8].map((slot) => map.ownerOf(slot))).toEqual([A, B, A]);
    expect(map.masters).toEqual([A, B]);
  });

  it('takes a server without an address for the one that was asked, and leaves out one without a name', () => {
    const map = parseSlots(
      [
        [0, 1, node(null, 7_000)],
        [2, 3, node('', 7_001)],
        [4, 5, node('?', 7_002)],
      ],
      'asked',
    );
    expect([0, 2, 4].map((slot) => map.ownerOf(slot))).toEqual([
      { host: 'asked', port: 7_000 },
      { host: 'asked', port: 7_001 },
      undefined,
    ]);
  });

  it.each([['OK'], [[]], [[['a', 'b', node('h', 1)]]], [[[0, 16_384, node('h', 1)]]]])(
    'refuses %j, which tells of no slots',
    (reply) => {
      expect(() => parseSlots(reply, 'asked')).toThrow(TypeError);
    },
  );
});

describe('the slot of a key', () => {
  it('is that of the part in braces, for text and bytes', () => {
    expect(slotOf('{run}:tail')).toBe(slotOf('run'));
    expect(slotOf(Buffer.from('{run}:tail'))).toBe(slotOf('run'));
    expect(slotOf('123456789')).toBe(12_739);
  });
});

describe('a redirection', () => {
  it.each([
    ['MOVED 3999 127.0.0.1:6381', { slot: 3_999, node: { host: '127.0.0.1', port: 6_381 } }],
    ['ASK 0 redis.local:1', { slot: 0, node: { host: 'redis.local', port: 1 } }],
    ['MOVED 1 :6381', { slot: 1, node: { host: 'asked', port: 6_381 } }],
    ['MOVED 1 ::1:6381', { slot: 1, node: { host: '::1', port: 6_381 } }],
    ['MOVED 1 ?:6381', undefined],
    ['MOVED 99999 h:1', undefined],
    ['ERR nonsense', undefined],
  ])('%s leads to %j', (message, expected) => {
    expect(parseRedirection(message, 'asked')).toEqual(expected);
  });
});
