/**
 * The record of API keys, on a real Postgres.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool } from '@longrun/database';
import { createTestDatabase } from '@longrun/test-stack';
import type pg from 'pg';
import { ApiKeyStore } from '@longrun/access';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let keys: ApiKeyStore;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, poolSize: 2 });
  keys = new ApiKeyStore(pool);
});
afterEach(() => pool.query('TRUNCATE api_key'));
afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe('an API key', () => {
  it('is found by its text, and by nothing else', async () => {
    const { key, text } = await keys.create('ci', 'run', null);
    const limits = { ratePerSecond: null, runQuota: null };
    expect(await keys.find(text)).toEqual({ id: key.id, name: 'ci', scope: 'run', ...limits });
    const other = await keys.create('other', 'run', null);
    const mixed = `${text.slice(0, 20)}${other.text.slice(20)}`;
    expect(mixed).toHaveLength(text.length);
    expect(await keys.find(mixed)).toBeNull();
    expect(await keys.find('lr_nothing')).toBeNull();
  });

  it('is stored as a hash only', async () => {
    const { text } = await keys.create('ci', 'run', null);
    const { rows } = await pool.query<{ row: string }>(`SELECT api_key::text AS row FROM api_key`);
    const secret = text.split('_').slice(2).join('_');
    expect(rows[0]?.row).not.toContain(secret);
    expect(rows[0]?.row).not.toContain(Buffer.from(secret).toString('hex'));
  });

  it('is not found any more when it is revoked, or has expired', async () => {
    const { key, text } = await keys.create('ci', 'run', null);
    const short = await keys.create('short', 'read', 0);
    expect(await keys.find(short.text)).toBeNull();
    expect(await keys.countValid()).toBe(1);
    const revoked = await keys.revoke(key.id);
    expect(await keys.find(text)).toBeNull();
    expect(await keys.countValid()).toBe(0);
    expect((await keys.revoke(key.id)).revokedAt).toEqual(revoked.revokedAt);
  });

  it('is replaced by one like it, and good for a while beside it', async () => {
    const { key, text } = await keys.create('ci', 'admin', null);
    const { key: next, text: nextText, old } = await keys.rotate(key.id, 3_600);
    expect(next).toMatchObject({ name: 'ci', scope: 'admin', expiresAt: null });
    expect((old.expiresAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(3_500_000);
    expect(await keys.find(text)).not.toBeNull();
    expect(await keys.find(nextText)).toMatchObject({ id: next.id });
    await keys.rotate(next.id, 0);
    expect(await keys.find(nextText)).toBeNull();
    await expect(keys.rotate(next.id, 0)).rejects.toMatchObject({ code: 'API_KEY_NOT_FOUND' });
  });

  it('says when it was used, once a minute', async () => {
    const { text } = await keys.create('ci', 'run', null);
    expect((await keys.list())[0]?.lastUsedAt).toBeNull();
    await keys.find(text);
    const [first] = await keys.list();
    expect(Date.now() - (first?.lastUsedAt?.getTime() ?? 0)).toBeLessThan(60_000);
    await keys.find(text);
    expect((await keys.list())[0]?.lastUsedAt).toEqual(first?.lastUsedAt);
  });

  it('needs a name, and an id that exists to be revoked', async () => {
    await expect(keys.create(' ', 'run', null)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(keys.revoke('0123456789abcdef')).rejects.toMatchObject({ code: 'API_KEY_NOT_FOUND' });
  });
});
