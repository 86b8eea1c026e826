import { describe, expect, it } from '@jest/globals';
import { authSettingsOf } from './auth-settings.js';

const read = (auth: unknown) => authSettingsOf({ content: { auth }, folder: '/project' });

describe('auth of langgraph.json', () => {
  it('is nothing when the file does not say anything', () => {
    expect(read(undefined)).toBeNull();
    expect(read(null)).toBeNull();
  });

  it('names a file beside it and an export of that file', () => {
    expect(read({ path: './auth.ts:mine' })).toEqual({
      sourceFile: '/project/auth.ts',
      exportName: 'mine',
      disableStudioAuth: false,
      openapi: null,
    });
  });

  it('takes what it says of Studio and of the documentation', () => {
    const openapi = { security: [{ bearer: [] }] };
    expect(read({ path: './auth.ts', disable_studio_auth: true, openapi })).toMatchObject({
      exportName: 'default',
      disableStudioAuth: true,
      openapi,
    });
  });

  it.each([
    ['a text', './auth.ts', /auth must be an object/],
    ['no path', {}, /auth\.path must be a text/],
    [
      'a switch that is no yes or no',
      { path: 'a.ts', disable_studio_auth: 'no' },
      /disable_studio_auth must be/,
    ],
    [
      'a key that nobody follows',
      { path: 'a.ts', cache: { ttl_seconds: 5 } },
      /auth\.cache is not supported/,
    ],
  ])('is refused with %s', (_what, auth, message) => {
    expect(() => read(auth)).toThrow(message);
  });
});
