/**
 * The examples of the manual, each run as a program of its own against a real server.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startTestRedis } from '@longrun/testing';
import type { TestRedis } from '@longrun/testing';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const manual = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...manual.matchAll(/```js\n([^]*?)```/g)].map(([, code = ''], index) => ({
  number: index + 1,
  code,
}));
const run = promisify(execFile);

let server: TestRedis;

beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(async () => {
  await server.stop();
});

describe('the manual', () => {
  it('has an example for every part', () => {
    expect(examples.length).toBeGreaterThanOrEqual(11);
  });

  it.each(examples)(
    'has an example $number that runs, and leaves nothing that keeps it alive',
    async ({ code }) => {
      // The package refers to itself by name, so the examples are what a user would write.
      const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', code], {
        cwd: packageFolder,
        env: { PATH: '', REDIS_URL: server.url },
        timeout: 20_000,
      });
      expect(stderr).toBe('');
      expect(stdout).not.toBe('');
    },
  );
});
