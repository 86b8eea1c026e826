/**
 * Findings that depend on nothing but what was measured.
 */
import { describe, expect, it } from '@jest/globals';
import { SharedConfig } from '@longrun/service-kit';

import { checkNode } from './machine-checks.js';
import { poolerFinding } from './postgres-checks.js';
import { checkSettings } from './settings-checks.js';

it.each([
  ['18.20.0', 'problem'],
  ['20.18.9', 'problem'],
  ['20.19.0', 'ok'],
  ['21.9.0', 'problem'],
  ['22.11.0', 'problem'],
  ['22.12.1', 'ok'],
  ['24.0.0', 'ok'],
  ['26.1.0', 'ok'],
])('Node.js %s is %s', (version, status) => {
  expect(checkNode(version)).toMatchObject({ status, value: version });
});

it('a transaction pooler needs a way around it', () => {
  expect(poolerFinding(false, undefined).status).toBe('ok');
  expect(poolerFinding(true, 'postgresql://direct').status).toBe('ok');
  expect(poolerFinding(true, undefined)).toMatchObject({
    status: 'problem',
    what: 'DATABASE_URL goes through a transaction pooler, and DATABASE_DIRECT_URL is not set.',
    remedy: expect.stringContaining('Set DATABASE_DIRECT_URL'),
  });
});

describe('the settings', () => {
  const check = (env: Record<string, string>): unknown[] =>
    checkSettings([SharedConfig], env).map(({ status, value }) => [status, value]);

  it('are well when they are, whatever else is set', () => {
    expect(check({ DATABASE_POOL_SIZE: '5', LONGRUN_API_KEY: 'k', PATH: '/bin', PGHOST: 'h' })).toEqual([
      ['ok', undefined],
    ]);
  });

  it('that are wrong are named with their value, and those that are misspelt with their right name', () => {
    expect(check({ DATABASE_POOL_SIZE: 'many', LOG_LEVEL: 'loud' })).toEqual([
      ['problem', 'DATABASE_POOL_SIZE'],
      ['problem', 'LOG_LEVEL'],
    ]);
    expect(check({ DATABSE_URL: 'x', LOGLEVEL: 'info', REDIS_HOST: 'r' })).toEqual([
      ['problem', 'DATABSE_URL'],
      ['problem', 'LOGLEVEL'],
      ['advice', 'REDIS_HOST'],
    ]);
  });
});
