import { describe, expect, it } from '@jest/globals';
import { accessCondition, parseAccessFilter } from './access-filter.js';

function sqlOf(filter: Record<string, unknown>): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const text = accessCondition(parseAccessFilter(filter))('metadata', (value) => `$${values.push(value)}`);
  return { text, values };
}

describe('a filter of a handler', () => {
  it('is equality of a field, found by containment', () => {
    expect(sqlOf({ owner: 'alice' })).toEqual({
      text: '((metadata @> $1::jsonb AND metadata -> $2::text = $3::jsonb))',
      values: ['{"owner":"alice"}', 'owner', '"alice"'],
    });
    expect(sqlOf({ owner: { $eq: 'alice' } }).values).toEqual(['{"owner":"alice"}', 'owner', '"alice"']);
  });

  it('is a list with an item, or with several', () => {
    expect(sqlOf({ readers: { $contains: 'alice' } })).toEqual({
      text: '((metadata @> $1::jsonb))',
      values: ['{"readers":["alice"]}'],
    });
    expect(sqlOf({ readers: { $contains: ['alice', 'bob'] } }).values).toEqual([
      '{"readers":["alice","bob"]}',
    ]);
  });

  it('needs all of its fields, and of $or one', () => {
    const { text } = sqlOf({ a: { $contains: 1 }, $or: [{ b: { $contains: 2 } }, { c: { $contains: 3 } }] });
    expect(text).toBe(
      '((metadata @> $1::jsonb) AND (((metadata @> $2::jsonb)) OR ((metadata @> $3::jsonb))))',
    );
  });

  it('without a field lets everything through', () => {
    expect(sqlOf({})).toEqual({ text: 'true', values: [] });
  });

  it.each([
    ['an undefined value', { owner: undefined }, /owner is undefined/],
    ['a list instead of a value', { owner: ['alice'] }, /owner must be/],
    ['an operator that does not exist', { owner: { $ne: 'alice' } }, /owner\.\$ne is not understood/],
    ['an object instead of a value', { owner: { $eq: {} } }, /owner\.\$eq is not understood/],
    ['an undefined operand', { readers: { $contains: undefined } }, /readers\.\$contains is not understood/],
    ['no operator', { owner: {} }, /owner has no operator/],
    ['an empty $or', { $or: [] }, /\$or needs a list/],
    ['no number', { owner: NaN }, /owner must be/],
  ])('is refused with %s, and never taken for none', (_what, filter, message) => {
    expect(() => sqlOf(filter)).toThrow(expect.objectContaining({ code: 'AUTH_FAILED' }));
    expect(() => sqlOf(filter)).toThrow(message);
  });
});
