import { describe, expect, it } from '@jest/globals';
import { identityOf, toCaller } from './caller.js';

describe('a caller', () => {
  it('is an identity, with what the SDK promises its handlers', () => {
    expect(toCaller('alice')).toEqual({
      user: { identity: 'alice', display_name: 'alice', is_authenticated: true, permissions: [] },
      permissions: [],
    });
  });

  it('keeps what else authenticate says of the user', () => {
    const { user, permissions } = toCaller({ identity: 'alice', permissions: ['read'], org: { id: 7 } });
    expect(user).toMatchObject({ org: { id: 7 }, permissions: ['read'] });
    expect(permissions).toEqual(['read']);
  });

  it('is known to graphs by three keys', () => {
    expect(identityOf(toCaller({ identity: 'alice', permissions: ['read'] }))).toEqual({
      langgraph_auth_user: expect.objectContaining({ identity: 'alice' }),
      langgraph_auth_user_id: 'alice',
      langgraph_auth_permissions: ['read'],
    });
  });

  it.each([undefined, null, '', {}, { identity: '' }, { identity: 7 }, 'a\0b', { identity: 'a\ud800' }])(
    'is nobody when authenticate returns %p',
    (answer) => {
      expect(() => toCaller(answer)).toThrow(expect.objectContaining({ code: 'AUTH_FAILED' }));
    },
  );
});
