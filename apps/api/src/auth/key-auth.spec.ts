import { describe, expect, it } from '@jest/globals';
import type { KnownKey } from '@longrun/access';
import { KeyAuth } from './key-auth.js';

const GOOD = `lr_0123456789abcdef_${'a'.repeat(43)}`;
const KEY: KnownKey = { id: '0123456789abcdef', name: 'ci', scope: 'run', ratePerSecond: 3, runQuota: null };

/** A store that counts, and a clock that stands still. */
function keyAuth() {
  const state = { now: 0, asked: 0, key: KEY as KnownKey | null };
  const find = async (text: string): Promise<KnownKey | null> => {
    state.asked += 1;
    return text === GOOD ? state.key : null;
  };
  return { state, auth: new KeyAuth({ find }, () => state.now) };
}

const request = (headers: Record<string, string>) => new Request('http://localhost/', { headers });

describe('a request with an API key', () => {
  it.each([
    ['x-api-key', { 'x-api-key': GOOD }],
    ['a bearer token', { authorization: `Bearer ${GOOD}` }],
    ['a bearer token in other letters', { authorization: `bearer ${GOOD}` }],
  ])('is let in by %s', async (_what, headers) => {
    const { auth } = keyAuth();
    const { user, permissions, limits } = await auth.authenticate(request(headers));
    expect(user).toMatchObject({ identity: 'key:0123456789abcdef', display_name: 'ci', kind: 'ApiKey' });
    expect(permissions).toEqual(['run']);
    expect(limits).toEqual({ perSecond: 3, quota: null });
  });

  it.each([
    ['no key', {}],
    ['what is no key, without asking for it', { 'x-api-key': 'secret' }],
    ['another scheme', { authorization: `Basic ${GOOD}` }],
  ])('is refused with %s', async (_what, headers) => {
    const { auth, state } = keyAuth();
    await expect(auth.authenticate(request(headers))).rejects.toMatchObject({ status: 401 });
    expect(state.asked).toBe(0);
  });

  it('asks for a good key once in five seconds, and for a wrong one every time', async () => {
    const { auth, state } = keyAuth();
    const send = () => auth.authenticate(request({ 'x-api-key': GOOD }));
    await send();
    await send();
    expect(state.asked).toBe(1);
    state.key = null;
    state.now = 4_999;
    await send();
    state.now = 5_000;
    await expect(send()).rejects.toMatchObject({ status: 401 });
    await expect(send()).rejects.toMatchObject({ status: 401 });
    expect(state.asked).toBe(3);
  });
});

describe('the scope of a key', () => {
  it('decides what is allowed, and says what it would take', async () => {
    const { auth } = keyAuth();
    const caller = await auth.authenticate(request({ 'x-api-key': GOOD }));
    expect(await auth.authorize(caller, 'threads:create_run')).toBeNull();
    await expect(auth.authorize(caller, 'crons:create')).rejects.toMatchObject({ status: 403 });
    await expect(auth.authorize(caller, 'crons:create')).rejects.toThrow(
      /scope run; crons:create needs admin/,
    );
  });
});
