import { describe, expect, it } from '@jest/globals';
import { authKindOf } from './choose-authority.js';

describe('the way of authentication', () => {
  it.each([
    ['127.0.0.1', false, 'none'],
    ['::1', false, 'none'],
    ['localhost', false, 'none'],
    ['0.0.0.0', false, 'keys'],
    ['10.1.2.3', false, 'keys'],
    ['127.0.0.1', true, 'custom'],
    ['0.0.0.0', true, 'custom'],
  ])('on %s with auth.path %p is %s, unless AUTH says otherwise', (HOST, hasPath, kind) => {
    expect(authKindOf({ HOST }, hasPath)).toBe(kind);
  });

  it('is what AUTH says', () => {
    expect(authKindOf({ HOST: '0.0.0.0', AUTH: 'none' }, false)).toBe('none');
    expect(authKindOf({ HOST: '127.0.0.1', AUTH: 'keys' }, false)).toBe('keys');
    expect(authKindOf({ HOST: '0.0.0.0', AUTH: 'custom' }, true)).toBe('custom');
  });

  it.each([
    ['none', true],
    ['keys', true],
    ['custom', false],
  ])('stops the start when AUTH is %s and auth.path %p', (AUTH, hasPath) => {
    expect(() => authKindOf({ HOST: '127.0.0.1', AUTH }, hasPath)).toThrow(/auth\.path/);
  });
});
