import { describe, expect, it } from '@jest/globals';
import { parseOptions } from './options.js';
import { SCENARIOS } from './scenarios/index.js';

const names = (args: string[]): string[] => {
  const options = parseOptions(args, 1);
  if (typeof options === 'string') throw new Error(options);
  return options.scenarios.map(({ name }) => name);
};

describe('the options of the fault suite', () => {
  it('choose all scenarios, the short ones, or those that are named', () => {
    expect(names([])).toEqual(SCENARIOS.map(({ name }) => name));
    expect(names(['--short'])).toEqual(SCENARIOS.filter((one) => one.isShort).map(({ name }) => name));
    expect(names(['--scenario', 'mix', '--scenario', 'poison-run'])).toEqual(['mix', 'poison-run']);
  });

  it('take the seed that is given, or else a random one', () => {
    expect(parseOptions(['--seed', '7'], 1)).toMatchObject({
      seed: 7,
      repeat: 1,
      size: 'long',
      controls: true,
    });
    expect(parseOptions(['--', '--repeat', '3', '--no-controls'], 99)).toMatchObject({
      seed: 99,
      repeat: 3,
      controls: false,
    });
  });

  it.each([
    [['--scenario', 'none'], /"none" is none; there are .*mix/],
    [['--repeat', '0'], /--repeat: "0" is not a whole number from 1/],
    [['--seed', 'x'], /--seed: "x"/],
    [['--nonsense'], /nonsense/],
  ])('refuse %j', (args, message) => {
    expect(() => parseOptions(args, 1)).toThrow(message);
  });

  it('have scenarios with names of their own', () => {
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
  });
});
