/**
 * Secrets in every place where one may stand: none of them is in an answer, or in what any process writes.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitUntil } from '@longrun/testing';
import type { TestStack } from '@longrun/test-stack';
import { apiUrl, query, startStack } from './support.js';

/** Stands in every secret, and nowhere else. */
const SECRET = 'hush7f3a';
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const GRAPHS = fileURLToPath(new URL('./graphs/langgraph.json', import.meta.url));

describe('a system that is sent secrets', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startStack({
      apis: 1,
      workers: 1,
      env: { LOG_LEVEL: 'trace', WEBHOOK_ATTEMPTS: '1', STUDIO_API_KEY: `${SECRET}-studio` },
    });
  }, 120_000);
  afterAll(() => stack.stop());

  it('repeats none of them, in no answer and in no log', async () => {
    const headers = {
      'content-type': 'application/json',
      'x-api-key': `lr_0123456789abcdef_${SECRET}`,
      authorization: `Bearer ${SECRET}`,
      cookie: `session=${SECRET}`,
      'x-service-key': SECRET,
      'x-tenant-id': SECRET,
    };
    const answers: string[] = [];
    const send = async (method: string, path: string, body?: string): Promise<void> => {
      const response = await fetch(`${apiUrl(stack)}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      });
      answers.push(await response.text(), JSON.stringify([...response.headers]));
    };
    for (const path of ['/ok', '/info', '/metrics', '/nowhere', '/threads/none', '/assistants/none', '//']) {
      await send('GET', path);
    }
    // What is wrong with a request is said without what it holds.
    const apiKey = `${SECRET}-in-a-field`;
    for (const body of [
      { assistant_id: 'steps', config: { configurable: { apiKey }, recursion_limit: 0 } },
      { assistant_id: 'steps', webhook: `https://user:${SECRET}@example.org/` },
      { assistant_id: 'steps', apiKey, priority: -1 },
      { assistant_id: 'steps', command: apiKey },
    ]) {
      await send('POST', '/runs', JSON.stringify(body));
    }
    await send('POST', '/runs', `{"apiKey": ${SECRET}}`);
    await send('POST', '/runs', `{"assistant_id":"steps","padding":${'1'.repeat(40)},"apiKey":"${SECRET}"`);
    // Graphs that go well and that fail, with the secret where users put it; the answer of `wait` is the state, which is theirs.
    const configured = { config: { configurable: { apiKey } }, metadata: {}, stream_mode: 'values' };
    const webhook = `http://127.0.0.1:9/told?token=${SECRET}`;
    for (const assistant_id of ['steps', 'fails', 'rejects']) {
      const input = { ms: 1 };
      await send('POST', '/runs/wait', JSON.stringify({ assistant_id, input, ...configured, webhook }));
    }
    // Every webhook has been tried, and given up.
    await waitUntil(
      async () => {
        const rows = await query<{ status: string }>(stack, 'SELECT status FROM webhook_delivery');
        return rows.length === 3 && rows.every(({ status }) => status !== 'pending');
      },
      { message: 'all webhooks to be given up', timeoutMs: 20_000 },
    );
    expect(answers.filter((text) => text.includes(SECRET))).toEqual([]);
    const folder = join(stack.dataDir, 'logs');
    const written = readdirSync(folder).filter((name) => /api|worker|sweeper/.test(name));
    expect(written.length).toBeGreaterThanOrEqual(3);
    const lines = written.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
    expect([...lines, stack.output()].filter((line) => line.includes(SECRET))).toEqual([]);
  }, 60_000);
});

describe('an api whose settings are wrong', () => {
  const start = (env: Record<string, string>): Promise<string> =>
    new Promise((resolve) => {
      const settings = {
        PATH: process.env['PATH'],
        LANGGRAPH_CONFIG_PATH: GRAPHS,
        PORT: '0',
        AUTH: 'none',
        ...env,
      };
      execFile(process.execPath, [MAIN], { env: settings, timeout: 20_000 }, (_error, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
  const DATABASE_URL = `postgresql://u:${SECRET}@127.0.0.1:1/db`;
  const REDIS_URL = `redis://u:${SECRET}@127.0.0.1:1`;

  it.each([
    ['a database of another kind', { DATABASE_URL: `mysql://u:${SECRET}@h/db`, REDIS_URL }],
    ['no database there', { DATABASE_URL, REDIS_URL }],
    [
      'a password that is not encoded',
      { DATABASE_URL: `postgresql://u:${SECRET}/@%zz@127.0.0.1:1/db`, REDIS_URL },
    ],
    ['a Redis of another kind', { DATABASE_URL, REDIS_URL: `http://u:${SECRET}@h` }],
    [
      'a Redis password that is not encoded',
      { DATABASE_URL, REDIS_URL: `redis://u:${SECRET}%zz@127.0.0.1:1` },
    ],
    ['a webhook secret that is too short', { DATABASE_URL, REDIS_URL, WEBHOOK_SECRET: SECRET }],
  ])(
    'says so without the secret: %s',
    async (_what, env) => {
      const output = await start(env);
      expect(output).not.toBe('');
      expect(output).not.toContain(SECRET);
    },
    30_000,
  );
});
