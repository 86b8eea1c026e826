import { describe, expect, it } from '@jest/globals';
import { limitsOfRun, parseRunLimits } from './run-limits.js';

const run = {
  assistantId: 'a',
  config: { configurable: { user_id: 'u' } },
  metadata: { tenant: 'acme', size: 3, nested: {} },
};

describe('RUN_LIMITS', () => {
  it('names what is limited, and by how much', () => {
    expect(parseRunLimits('')).toEqual([]);
    expect(parseRunLimits('assistant=10, user=5,metadata.tenant=20')).toEqual([
      { by: 'assistant', most: 10 },
      { by: 'user', most: 5 },
      { by: 'metadata.tenant', most: 20 },
    ]);
  });

  it.each(['assistant', 'assistant=0', 'user=-1', 'metadata=5', 'metadata.=5', 'graph=5', 'user=1.5'])(
    '%s is refused',
    (text) => {
      expect(() => parseRunLimits(text)).toThrow(/^RUN_LIMITS: /);
    },
  );
});

describe('the limits of a run', () => {
  const of = (text: string, changes = {}): unknown =>
    limitsOfRun(parseRunLimits(text), { ...run, ...changes });

  it('are those for which it has a value', () => {
    expect(
      of('assistant=1,user=2,metadata.tenant=3,metadata.size=4,metadata.nested=5,metadata.none=6'),
    ).toEqual({
      'assistant:a': 1,
      'user:u': 2,
      'metadata.tenant:acme': 3,
      'metadata.size:3': 4,
    });
  });

  it('take the user that was authenticated before the one that the client names', () => {
    const configurable = { langgraph_auth_user_id: 'real', user_id: 'claimed' };
    expect(of('user=2', { config: { configurable } })).toEqual({ 'user:real': 2 });
    expect(of('user=2', { config: {} })).toEqual({});
  });
});
