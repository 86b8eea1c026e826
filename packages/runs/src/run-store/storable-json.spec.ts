import { describe, expect, it } from '@jest/globals';
import { toStorableJson } from './storable-json.js';

describe('toStorableJson', () => {
  it('leaves ordinary values as they are, emoji and escaped backslashes included', () => {
    const value = { text: '😀 \\u0000 is six characters', list: [1, null, true] };
    expect(JSON.parse(toStorableJson(value))).toEqual(value);
  });

  it('replaces NUL and lone surrogates in values and keys', () => {
    const value = { ['k\u0000']: ['a\u0000b', '\ud83dx', 'y\ude00'] };
    expect(JSON.parse(toStorableJson(value))).toEqual({ 'k\uFFFD': ['a\uFFFDb', '\uFFFDx', 'y\uFFFD'] });
  });

  it('turns undefined into null', () => {
    expect(toStorableJson(undefined)).toBe('null');
  });
});
