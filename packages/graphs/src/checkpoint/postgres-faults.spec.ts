import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { retryWhilePostgresIsAway } from './postgres-faults.js';

describe('waiting for Postgres', () => {
  it('goes on while the socket of the server is gone, and not for a file that is missing', async () => {
    const pool = new pg.Pool({ connectionString: 'postgresql://u:p@localhost/db?host=/nowhere' });
    const enough = new AbortController();
    let tries = 0;
    const asking = retryWhilePostgresIsAway(async () => {
      tries += 1;
      if (tries === 3) enough.abort(new Error('enough'));
      await pool.query('SELECT 1');
    }, enough.signal);
    await expect(asking).rejects.toThrow('enough');
    await pool.end();
    const reading = retryWhilePostgresIsAway(() => readFile('/nowhere'), new AbortController().signal);
    await expect(reading).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
