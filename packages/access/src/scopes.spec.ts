import { describe, expect, it } from '@jest/globals';
import { mayDo, SCOPES, scopeFor } from './scopes.js';

describe('a scope', () => {
  it.each([
    ['threads:read', 'read'],
    ['assistants:search', 'read'],
    ['store:get', 'read'],
    ['store:list_namespaces', 'read'],
    ['threads:create_run', 'run'],
    ['threads:delete', 'run'],
    ['store:put', 'run'],
    ['assistants:create', 'admin'],
    ['crons:delete', 'admin'],
  ] as const)('for %s is %s', (event, scope) => {
    expect(scopeFor(event)).toBe(scope);
  });

  it('includes those before it', () => {
    expect(SCOPES.map((scope) => mayDo(scope, 'threads:read'))).toEqual([true, true, true]);
    expect(SCOPES.map((scope) => mayDo(scope, 'threads:create_run'))).toEqual([false, true, true]);
    expect(SCOPES.map((scope) => mayDo(scope, 'crons:create'))).toEqual([false, false, true]);
  });
});
