import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from '@longrun/service-kit';
import { toCaller } from './caller.js';
import { CustomAuth } from './custom-auth.js';

const OPTIONS = { timeoutMs: 50, studioKey: undefined, log: createLogger('api', { LOG_LEVEL: 'silent' }) };
const ALICE = toCaller('alice');

type Handlers = Record<string, (context: Record<string, unknown>) => unknown>;

const decide = (
  callbacks: Handlers,
  event: 'threads:read' | 'crons:read' | 'store:get',
  value: object = {},
) => new CustomAuth({ authenticate: () => 'alice', callbacks }, OPTIONS).authorize(ALICE, event, value);

describe('the handler that is asked', () => {
  const name = (field: string) => () => ({ [field]: 'x' });
  const all = {
    '*': name('all'),
    '*:read': name('action'),
    threads: name('resource'),
    'threads:read': name('both'),
  };
  const fieldOf = async (callbacks: Handlers, event: 'threads:read' | 'crons:read' | 'store:get') =>
    JSON.stringify(await decide(callbacks, event));

  it('is the most specific one', async () => {
    expect(await fieldOf(all, 'threads:read')).toContain('"both"');
    const { 'threads:read': _both, ...without } = all;
    expect(await fieldOf(without, 'threads:read')).toContain('"resource"');
    expect(await fieldOf(all, 'crons:read')).toContain('"action"');
    expect(await fieldOf(all, 'store:get')).toContain('"all"');
  });

  it('is told who asks for what, and may change it', async () => {
    const value = { metadata: {} as Record<string, unknown> };
    const seen: unknown[] = [];
    await decide(
      {
        threads: (context) => {
          seen.push(context);
          (context['value'] as typeof value).metadata['owner'] = 'alice';
        },
      },
      'threads:read',
      value,
    );
    expect(seen).toEqual([
      {
        event: 'threads:read',
        resource: 'threads',
        action: 'read',
        value,
        user: ALICE.user,
        permissions: [],
      },
    ]);
    expect(value.metadata).toEqual({ owner: 'alice' });
  });

  it('need not be there: then all is allowed, as by true and by nothing', async () => {
    expect(await decide({}, 'threads:read')).toBeNull();
    for (const answer of [true, null, undefined]) {
      expect(await decide({ threads: async () => answer }, 'threads:read')).toBeNull();
    }
  });

  it.each([
    ['false', () => false, { status: 403 }],
    [
      'an HTTPException',
      () => Promise.reject(Object.assign(new Error('pay'), { status: 402, headers: {} })),
      { status: 402 },
    ],
    [
      'an HTTPException that is no refusal',
      () => Promise.reject(Object.assign(new Error('x'), { status: 200, headers: {} })),
      { status: 403 },
    ],
    ['another error', () => Promise.reject(new Error('bug')), { code: 'AUTH_FAILED' }],
    ['a text', () => 'yes', { code: 'AUTH_FAILED' }],
    ['a list', () => [], { code: 'AUTH_FAILED' }],
    ['no answer in time', () => new Promise(() => undefined), { code: 'AUTH_UNAVAILABLE' }],
  ])('refuses by %s', async (_what, handler, refusal) => {
    await expect(decide({ threads: handler }, 'threads:read')).rejects.toMatchObject(refusal);
  });
});

describe('auth.path', () => {
  const load = (text: string, exportName = 'auth') => {
    const sourceFile = path.join(mkdtempSync(path.join(tmpdir(), 'longrun-auth-')), 'auth.mjs');
    writeFileSync(sourceFile, text);
    return CustomAuth.load({ sourceFile, exportName, disableStudioAuth: false, openapi: null }, OPTIONS);
  };

  it('is an Auth of any copy of the SDK', async () => {
    const auth = await load(`export const auth = { '~handlerCache': { authenticate: () => 'bob' } };`);
    const { user } = await auth.authenticate(new Request('http://localhost/'));
    expect(user.identity).toBe('bob');
  });

  it.each([
    ['has no such export', 'export const other = 1;', /has no export "auth"/],
    ['exports something else', 'export const auth = {};', /is no instance of Auth/],
    ['lets everybody in', `export const auth = { '~handlerCache': {} };`, /no authenticate handler/],
    ['does not load', 'throw new Error("no database");', /no database/],
  ])('that %s stops the start', async (_what, text, message) => {
    await expect(load(text)).rejects.toMatchObject({ code: 'GRAPH_LOAD_FAILED' });
    await expect(load(text)).rejects.toThrow(message);
  });
});
