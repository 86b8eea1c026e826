import { describe, expect, it } from '@jest/globals';
import { DEFAULT_HTTP, httpSettingsOf } from './http-settings.js';
import { usualHeaders } from './header-rule.js';

const settings = (http: unknown) => httpSettingsOf({ folder: '/project', content: { http } });

describe('http of langgraph.json', () => {
  it('may be absent', () => {
    expect(settings(undefined)).toBe(DEFAULT_HTTP);
  });

  it('names the app, the prefix and what is not served', () => {
    expect(
      settings({ app: './app.ts:app', mount_prefix: '/api/v1', disable_mcp: true, disable_store: false }),
    ).toMatchObject({
      app: { sourceFile: '/project/app.ts', exportName: 'app' },
      mountPrefix: '/api/v1',
      disabled: new Set(['mcp']),
    });
  });

  it('takes origins, patterns and the rest of cors', () => {
    const { cors } = settings({
      cors: {
        allow_origins: ['https://a.example'],
        allow_origin_regex: 'https://.*\\.b\\.example',
        allow_credentials: true,
        expose_headers: ['X-Mine'],
        max_age: 60,
      },
    });
    expect(cors).toMatchObject({
      origins: ['https://a.example'],
      credentials: true,
      exposedHeaders: ['X-Mine'],
      maxAge: 60,
    });
    expect(cors?.originPattern?.test('https://x.b.example')).toBe(true);
    expect(cors?.originPattern?.test('https://x.b.example.evil.com')).toBe(false);
    expect(settings({ cors: {} }).cors?.origins).toEqual(['*']);
  });

  it('may say that a key without a meaning is not used', () => {
    expect(settings({ middleware_order: null }).disabled.size).toBe(0);
    expect(settings({ enable_custom_route_auth: true }).customRouteAuth).toBe(true);
    expect(settings({ enable_custom_route_auth: false }).customRouteAuth).toBe(false);
    expect(settings({}).customRouteAuth).toBeNull();
  });

  it.each([
    [5, /langgraph\.json: http must be an object/],
    [{ disable_threads: 'yes' }, /http\.disable_threads must be true or false/],
    [{ disable_thread: true }, /http\.disable_thread is not known/],
    [{ app: 5 }, /http\.app must be a path/],
    [{ mount_prefix: 'api' }, /http\.mount_prefix must be a path/],
    [{ mount_prefix: '/api/' }, /http\.mount_prefix must be a path/],
    [{ middleware_order: 'auth_first' }, /http\.middleware_order is not available/],
    [{ cors: { allow_origin: [] } }, /http\.cors\.allow_origin is not known/],
    [{ cors: { allow_origins: '*' } }, /http\.cors\.allow_origins must be a list/],
    [{ cors: { allow_origin_regex: '(' } }, /allow_origin_regex must be a regular expression/],
    [{ cors: { max_age: -1 } }, /max_age must be a whole number/],
    [{ cors: { allow_credentials: true } }, /allow_credentials needs allow_origins/],
    [{ configurable_headers: ['x-a'] }, /configurable_headers must be an object/],
    [{ configurable_headers: { includes: ['Authorization'] } }, /includes names authorization/],
    [{ logging_headers: { only: [] } }, /logging_headers\.only is not known/],
  ])('is refused as %j', (http, message) => {
    expect(() => settings(http)).toThrow(message);
  });
});

describe('which headers are meant', () => {
  const rule = (configurable_headers: unknown) =>
    settings({ configurable_headers }).configurableHeaders ?? usualHeaders;
  const meant = (given: unknown) =>
    ['x-user', 'x-secret', 'user-agent', 'accept', 'x-api-key', 'my-id', 'cookie'].filter(rule(given));

  it('says x-* and the user agent, never a secret', () => {
    expect(meant(null)).toEqual(['x-user', 'x-secret', 'user-agent']);
    expect(meant({})).toEqual(['x-user', 'x-secret', 'user-agent']);
  });

  it('includes what is named, and nothing else', () => {
    expect(meant({ includes: ['my-*', 'X-User'] })).toEqual(['x-user', 'my-id']);
    expect(meant({ includes: ['*'] })).toEqual(['x-user', 'x-secret', 'user-agent', 'accept', 'my-id']);
  });

  it('excludes first', () => {
    expect(meant({ excludes: ['x-sec*'] })).toEqual(['x-user', 'user-agent']);
    expect(meant({ includes: ['x-user'], excludes: ['*'] })).toEqual([]);
    expect(meant({ include: ['x-*'], exclude: ['x-secret'] })).toEqual(['x-user']);
  });
});
