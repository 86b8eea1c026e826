import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../../test/fixture.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

describe('a rejection that a graph leaves unhandled', () => {
  it('fails the run it belongs to, and no other', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [path.resolve('test/unhandled-process.mjs')],
      {
        env: { PATH: process.env.PATH, TEST_DATABASE: database.url },
      },
    );
    const { handled, guilty, innocent } = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
    expect(handled).toEqual([
      { message: 'forgotten', runId: guilty?.runId, attempt: 3, failed: true },
      { message: 'nobody' },
    ]);
    expect(guilty).toMatchObject({
      status: 'error',
      events: [{ event: 'error', data: '{"error":"Error","message":"forgotten"}' }],
    });
    const own = JSON.stringify({ a: { value: { runId: innocent?.runId, attempt: 3 } } });
    expect(innocent).toMatchObject({ status: 'success', events: [{ event: 'updates', data: own }] });
  });
});
