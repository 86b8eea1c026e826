import { describe, expect, it } from '@jest/globals';
import { isSecretOf, makeApiKey, parseApiKey } from './api-key.js';

describe('an API key', () => {
  it('has a public part and a secret part, of which only a hash is kept', () => {
    const { id, text, hash } = makeApiKey();
    const parts = parseApiKey(text);
    expect(parts?.id).toBe(id);
    expect(text).not.toContain(hash.toString('hex'));
    expect(isSecretOf(hash, parts?.secret ?? '')).toBe(true);
    expect(isSecretOf(hash, `${parts?.secret.slice(0, -1) ?? ''}!`)).toBe(false);
    expect(isSecretOf(Buffer.alloc(0), parts?.secret ?? '')).toBe(false);
  });

  it('is never made twice', () => {
    const made = Array.from({ length: 1_000 }, makeApiKey);
    expect(new Set(made.map(({ id }) => id)).size).toBe(1_000);
    expect(new Set(made.map(({ hash }) => hash.toString('hex'))).size).toBe(1_000);
  });

  it.each([
    '',
    'lr_',
    'sk-123',
    'lr_0123456789abcdef_short',
    `lr_0123456789ABCDEF_${'a'.repeat(43)}`,
    `lr_0123456789abcdef_${'a'.repeat(44)}`,
  ])('is not what looks otherwise: %p', (text) => {
    expect(parseApiKey(text)).toBeNull();
  });
});
