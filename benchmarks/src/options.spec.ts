import { describe, expect, it } from '@jest/globals';
import { parseOptions } from './options.js';
import { SUITES } from './suites/index.js';

describe('the options of the benchmarks', () => {
  it('choose all suites, or those that are named', () => {
    expect(parseOptions([])).toMatchObject({
      suites: SUITES,
      rounds: undefined,
      size: 'long',
      record: false,
    });
    const named = parseOptions(['--', 'idle', 'start', '--rounds', '3', '--short', '--record']);
    if (typeof named === 'string') throw new Error(named);
    expect(named.suites.map(({ name }) => name)).toEqual(['idle', 'start']);
    expect(named).toMatchObject({ rounds: 3, size: 'short', record: true });
  });

  it('ask for the guard, the summary, the list, or help', () => {
    expect([['guard'], ['summary'], ['--list'], ['--help']].map(parseOptions)).toEqual([
      'guard',
      'summary',
      'list',
      'help',
    ]);
  });

  it('name what is wrong', () => {
    expect(() => parseOptions(['speed'])).toThrow(/"speed" is no suite; there are start, /);
    expect(() => parseOptions(['--rounds', '0'])).toThrow(/--rounds/);
  });
});
