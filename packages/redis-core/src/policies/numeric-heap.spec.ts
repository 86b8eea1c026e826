/**
 * The heap that lets go of any of its items.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { NumericHeap } from './numeric-heap.js';
import type { HeapItem } from './numeric-heap.js';

const item = (rank: number, tie = 0): HeapItem => ({ position: -1, rank, tie });

describe('a heap', () => {
  it('has the smallest first, whatever is added, removed or changed in between', () => {
    const operation = fc.oneof(
      fc.record({ do: fc.constant('push' as const), rank: fc.nat(9) }),
      fc.record({ do: fc.constant('remove' as const), which: fc.nat(20) }),
      fc.record({ do: fc.constant('change' as const), which: fc.nat(20), rank: fc.nat(9) }),
      fc.record({ do: fc.constant('pop' as const) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 100, size: 'max' }), (operations) => {
        const heap = new NumericHeap<HeapItem>();
        let model: HeapItem[] = [];
        let tie = 0;
        const smallest = () => [...model].sort((a, b) => a.rank - b.rank || a.tie - b.tie)[0];
        for (const one of operations) {
          if (one.do === 'push') {
            tie += 1;
            const added = item(one.rank, tie);
            heap.push(added);
            model.push(added);
          } else if (one.do === 'pop') {
            const expected = smallest();
            expect(heap.pop()).toBe(expected);
            model = model.filter((other) => other !== expected);
          } else {
            const which = model[one.which];
            if (which === undefined) continue;
            if (one.do === 'change') {
              which.rank = one.rank;
              heap.update(which);
            } else {
              heap.remove(which);
              expect(which.position).toBe(-1);
              model = model.filter((other) => other !== which);
            }
          }
          expect(heap.top).toBe(smallest());
          expect(heap.size).toBe(model.length);
        }
      }),
    );
  });

  it('takes an item once, and lets go of what it does not have without a word', () => {
    const heap = new NumericHeap<HeapItem>();
    const one = item(1);
    heap.remove(one);
    heap.push(one);
    expect(() => {
      heap.push(one);
    }).toThrow('in a heap already');
    heap.remove(one);
    expect([heap.size, heap.pop()]).toEqual([0, undefined]);
  });
});
