import { describe, expect, it } from '@jest/globals';
import { parseJsonPath } from './json-path.js';

describe('a path into a thread', () => {
  it.each([
    ['values', { root: 'values', steps: [] }],
    ['values.messages[-1].content', { root: 'values', steps: ['messages', '-1', 'content'] }],
    ['metadata.user name.id', { root: 'metadata', steps: ['user name', 'id'] }],
    ['values.rows[0][2]', { root: 'values', steps: ['rows', '0', '2'] }],
    ['interrupts', { root: 'interrupts', steps: [] }],
  ])('%s is one', (text, path) => {
    expect(parseJsonPath(text)).toEqual(path);
  });

  it.each(['', 'state.x', 'valuesx', 'values.', 'values..a', 'values[a]', 'values.a[1', "values.a'; DROP"])(
    '%s is taken for what it says, or for none',
    (text) => {
      const path = parseJsonPath(text);
      expect(path === null || path.steps.join() === "a'; DROP").toBe(true);
    },
  );
});
