import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig } from './load-config.js';
import { BooleanSetting, IntegerSetting, settingsOf, TextSetting } from './setting.js';
import { SharedConfig } from './shared-config.js';

class BaseConfig {
  @TextSetting({ description: 'Required.', required: true })
  DATABASE_URL!: string;

  @IntegerSetting({ description: 'Limited.', min: 1, max: 10 })
  SIZE: number = 5;
}

class OwnConfig extends BaseConfig {
  @BooleanSetting({ description: 'On or off.' })
  ENABLED: boolean = true;

  @TextSetting({ description: 'One of two.', oneOf: ['redis', 'memory'] })
  BACKEND: string = 'redis';

  @TextSetting({ description: 'May be left out.' })
  API_KEY?: string;

  @TextSetting({ description: 'A choice that must stay secret.', oneOf: ['a', 'b'] })
  SOME_TOKEN: string = 'a';
}

const load = (env: Record<string, string>): OwnConfig => loadConfig(OwnConfig, { DATABASE_URL: 'x', ...env });

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(OwnConfig, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('loadConfig', () => {
  it('takes the initialisers of the class for defaults', () => {
    expect(load({})).toEqual({
      DATABASE_URL: 'x',
      SIZE: 5,
      ENABLED: true,
      BACKEND: 'redis',
      SOME_TOKEN: 'a',
    });
  });

  it('lists all wrong variables at once, each with its name and value', () => {
    const problems = problemsOf({ SIZE: '11', ENABLED: 'maybe', BACKEND: 'kafka' });
    expect(problems).toHaveLength(4);
    expect(problems).toContain('DATABASE_URL must be set');
    expect(problems).toContainEqual(
      expect.stringMatching(/^SIZE must not be greater than 10 \(it is "11"\)$/),
    );
    expect(problems).toContainEqual(expect.stringMatching(/^ENABLED .*\(it is "maybe"\)$/));
    expect(problems).toContainEqual(expect.stringMatching(/^BACKEND .*redis, memory \(it is "kafka"\)$/));
    expect(() => loadConfig(OwnConfig, { SIZE: '0', ENABLED: '2' })).toThrow(/\n {2}- .*\n {2}- .*\n {2}- /);
  });

  it('takes an empty variable for one that is not set', () => {
    expect(load({ SIZE: '', ENABLED: '', BACKEND: '' })).toMatchObject({
      SIZE: 5,
      ENABLED: true,
      BACKEND: 'redis',
    });
    expect(problemsOf({ DATABASE_URL: '' })).toEqual(['DATABASE_URL must be set']);
  });

  it('never prints the value of a secret', () => {
    const problems = problemsOf({ DATABASE_URL: 'x', SOME_TOKEN: 'hunter2' });
    expect(problems).toEqual([expect.stringMatching(/^SOME_TOKEN /)]);
    expect(problems.join()).not.toContain('hunter2');
    const url = { DATABASE_URL: 'mysql://user:hunter2@host/db' };
    expect(() => loadConfig(SharedConfig, url)).toThrow(
      expect.objectContaining({ problems: ['DATABASE_URL must be a URL that starts with postgresql://'] }),
    );
  });

  it('reads booleans as true, false, 1 and 0, and nothing else', () => {
    expect(['true', '1', 'false', '0'].map((ENABLED) => load({ ENABLED }).ENABLED)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    for (const ENABLED of ['yes', 'TRUE', 'off', '2']) expect(() => load({ ENABLED })).toThrow(ConfigError);
  });

  it('reads whole numbers within their limits, and nothing else', () => {
    expect(['1', ' 7 ', '10'].map((SIZE) => load({ SIZE }).SIZE)).toEqual([1, 7, 10]);
    for (const SIZE of ['0', '11', '1.5', 'x', '5s', ' ']) expect(() => load({ SIZE })).toThrow(ConfigError);
  });

  it('ignores variables that the class does not declare', () => {
    expect(load({ PATH: '/bin' })).not.toHaveProperty('PATH');
  });
});

describe('settingsOf', () => {
  it('lists what a class inherits before its own, in the order of declaration', () => {
    expect([...settingsOf(OwnConfig).keys()]).toEqual([
      'DATABASE_URL',
      'SIZE',
      'ENABLED',
      'BACKEND',
      'API_KEY',
      'SOME_TOKEN',
    ]);
    expect([...settingsOf(BaseConfig).keys()]).toEqual(['DATABASE_URL', 'SIZE']);
  });

  it('tells what a setting does and which values it takes', () => {
    expect(settingsOf(OwnConfig).get('ENABLED')).toEqual({
      description: 'On or off.',
      oneOf: ['true', 'false'],
    });
  });
});
