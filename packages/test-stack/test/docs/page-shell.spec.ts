/**
 * What runs the commands of pages: that it notices what fails, hangs, or prints something else.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';

import { identify, makeTemporaryDataDir } from '@longrun/local-services';
import { fencedBlocks } from '@longrun/testing';

import { stackEnvironment } from '../../src/environment.js';
import { isAsExpected } from './expected-output.js';
import { runBlocks, type PageRun } from './page-shell.js';

const folder = makeTemporaryDataDir('longrun-page-');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

let runs = 0;
function run(texts: readonly string[], blockLimitMs = 10_000): Promise<PageRun> {
  const outputs = join(folder, String(runs++));
  mkdirSync(outputs);
  const page = texts.map((text) => `\`\`\`sh\n${text}\n\`\`\``).join('\n\n');
  return runBlocks(fencedBlocks(page), { folder, outputs, env: stackEnvironment({}), blockLimitMs });
}

describe('the shell of a page', () => {
  it('carries folder and variables from block to block, and tells what each printed', async () => {
    const { printed, failure } = await run(['cd /tmp; a=1; echo one', 'echo $PWD $a']);
    expect([printed, failure]).toEqual([['one\n', '/tmp 1\n'], undefined]);
  });

  it('names the block that failed, with what it said, and runs none after it', async () => {
    const { printed, failure } = await run([
      'echo one',
      'echo two; echo why >&2; false; echo on',
      'echo three',
    ]);
    expect(printed).toEqual(['one\n', 'two\n']);
    expect(failure).toBe('the block of line 5 ended with 1:\ntwo\nwhy\n');
  });

  it('fails at a variable that the page does not set, and at a command in a pipe', async () => {
    expect((await run(['echo $not_set_by_the_page'])).failure).toContain('not_set_by_the_page');
    expect((await run(['false | cat'])).failure).toContain('ended with 1');
  });

  it('ends a block that takes too long', async () => {
    expect((await run(['echo one', 'sleep 60'], 300)).failure).toContain('line 5 was not done after 300 ms');
  });

  it('leaves nothing running', async () => {
    const { printed } = await run(['sleep 60 & echo $!']);
    expect(identify(Number(printed[0]))).toBeUndefined();
  });
});

describe('what a page says was printed', () => {
  it.each([
    ['a\r\nb\n', 'a\nb', true],
    ['id: 17 (x)', 'id: … (x)', true],
    ['id: 17', 'id: …8', false],
    ['one\ntwo\nthree', 'one\n…\nthree', true],
    ['one', 'o.e', false],
    ['one two', 'one', false],
  ])('%j is %j: %p', (printed, expected, matches) => {
    expect(isAsExpected(printed, expected)).toBe(matches);
  });
});
