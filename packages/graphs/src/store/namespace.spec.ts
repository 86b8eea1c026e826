import { describe, expect, it } from '@jest/globals';
import { belowPattern, labelsOf, namespacePath } from './namespace.js';

describe('the path of a namespace', () => {
  it('gives every label back as it was', () => {
    for (const labels of [
      ['a', 'b'],
      ['a:b', 'c'],
      ['a', 'b:c'],
      ['%3A'],
      ['50%', 'user_1', 'back\\slash'],
      ['ä', '猫'],
    ]) {
      expect(labelsOf(namespacePath(labels))).toEqual(labels);
    }
    expect(namespacePath(['a:b', 'c'])).not.toBe(namespacePath(['a', 'b:c']));
  });

  it('is what LangGraph writes for labels without a colon', () => {
    expect(namespacePath(['users', '1'])).toBe('users:1');
  });

  it.each([
    [[], /Namespace is required/],
    [[''], /not empty/],
    [['a.b'], /"a\.b" must not contain a period/],
    [['a\0'], /NUL/],
    [['langgraph', 'x'], /langgraph/],
    [['x'.repeat(1_001)], /longer than 1000 bytes/],
    [[5 as unknown as string], /text/],
  ])('refuses %j', (labels, message) => {
    expect(() => namespacePath(labels)).toThrow(message);
  });

  it('makes no wildcard of a label', () => {
    expect(belowPattern('user_1')).toBe('user\\_1:%');
    expect(belowPattern('')).toBe('%');
  });
});
