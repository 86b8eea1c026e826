/**
 * Every command of the documentation, run as it stands there, page by page, against a real system.
 */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { freePort, makeTemporaryDataDir } from '@longrun/local-services';
import {
  createEmptyDatabase,
  findTestRedisServer,
  type FencedBlock,
  type TestDatabase,
} from '@longrun/testing';

import { startTestStack, type TestStack } from '../../src/index.js';
import { cliFolder, stackEnvironment } from '../../src/environment.js';
import { isAsExpected } from './expected-output.js';
import { runBlocks } from './page-shell.js';
import { readPages, REASONS, ROOT, type Page } from './pages.js';

/** Servers of a page listen there; here others may. */
const PORTS = ['8123', '2024'];
/** A page that starts with nothing, and brings up everything itself. */
const FROM_NOTHING = 'docs/quick-start.md';

const isCommands = (block: FencedBlock): boolean => block.language === 'sh';
const isRun = (block: FencedBlock): boolean => isCommands(block) && block.noRun === undefined;
const pages = readPages();
const folder = makeTemporaryDataDir('longrun-docs-');
const tried = pages.filter(({ blocks }) => blocks.some(isRun));
let stack: TestStack;
let database: TestDatabase;
let results: ReadonlyMap<string, Promise<string | undefined>>;

beforeAll(async () => {
  mkdirSync(join(folder, 'bin'));
  const program = join(folder, 'bin/longrun');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${join(cliFolder(), 'main.js')}' "$@"\n`);
  chmodSync(program, 0o755);
  const configPath = join(ROOT, 'examples/langgraph.json');
  [stack, database] = await Promise.all([startTestStack({ configPath, workers: 1 }), createEmptyDatabase()]);
  // Two at a time: the one with processes of its own mostly waits for them.
  const [alone, others] = [true, false].map((isAlone) =>
    tried.filter(({ name }) => (name === FROM_NOTHING) === isAlone),
  );
  results = new Map([...inTurn(alone ?? []), ...inTurn(others ?? [])]);
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** What the reader of a page has before the first command. */
async function prepare({ name }: Page): Promise<{ start: string; env: NodeJS.ProcessEnv }> {
  const home = join(folder, name.replaceAll('/', '-'));
  mkdirSync(home);
  const { postgres, redis } = stack.info;
  const settings = { DATABASE_URL: postgres.url, REDIS_URL: redis?.url ?? '' };
  const env = stackEnvironment({
    PATH: `${join(folder, 'bin')}:${stackEnvironment({})['PATH'] ?? ''}`,
    REDIS_SERVER_BIN: await findTestRedisServer(),
    // What is brought over is brought to where it was: the calls are what counts.
    ...(name === FROM_NOTHING ? {} : { ...settings, LONGRUN_URL: stack.url, FROM_URL: stack.url }),
  });
  // What `npm install` puts there.
  symlinkSync(join(ROOT, 'examples/node_modules'), join(home, 'node_modules'));
  // What the page tells its reader to write, with a server that nobody else's runs are on.
  const own = { DATABASE_URL: database.url, REDIS_URL: settings.REDIS_URL, REDIS_KEY_PREFIX: 'own:' };
  const lines = Object.entries(own).map(([key, value]) => `${key}='${value}'\n`);
  mkdirSync(join(home, 'my-agent'));
  writeFileSync(join(home, 'my-agent/longrun.env'), lines.join(''));
  return { start: name.startsWith('examples/') ? join(ROOT, 'examples') : home, env };
}

/** The same blocks, on ports that are free here. */
async function onFreePorts(blocks: readonly FencedBlock[]): Promise<FencedBlock[]> {
  const free = new Map(
    await Promise.all(PORTS.map(async (port) => [port, String(await freePort())] as const)),
  );
  const change = (text: string): string =>
    [...free].reduce((changed, [port, other]) => changed.replaceAll(port, other), text);
  return blocks.map((block) => ({ ...block, text: change(block.text) }));
}

/** Runs pages one after the other. What is wrong with each, by its name. */
function inTurn(some: readonly Page[]): Map<string, Promise<string | undefined>> {
  let before: Promise<unknown> = Promise.resolve();
  return new Map(
    some.map((page) => {
      const result = before.then(() => problemOf(page)).catch(String);
      before = result;
      return [page.name, result];
    }),
  );
}

/** Runs the commands of a page: what is wrong with it, or undefined. */
async function problemOf(page: Page): Promise<string | undefined> {
  const { start, env } = await prepare(page);
  const outputs = join(folder, `${page.name.replaceAll('/', '-')}-outputs`);
  mkdirSync(outputs);
  const blocks = await onFreePorts(page.blocks);
  const ran = blocks.filter(isRun);
  const { printed, failure } = await runBlocks(ran, { folder: start, outputs, env });
  if (failure !== undefined) return `${page.name}: ${failure}`;
  for (const [index, block] of ran.entries()) {
    const next = blocks[blocks.indexOf(block) + 1];
    const output = printed[index] ?? '';
    if (next?.language !== 'text' || isAsExpected(output, next.text)) continue;
    return `${page.name}:${next.line} says\n${next.text}\nbut printed was\n${output}`;
  }
  return undefined;
}

describe('the documentation', () => {
  it('says of every command that is not run here why, by a reason that is known', () => {
    const left = pages.flatMap(({ name, blocks }) =>
      blocks
        .filter((block) => isCommands(block) && !isRun(block))
        .map(({ noRun, line }) => ({ noRun, at: `${name}:${line}` })),
    );
    expect(left.filter(({ noRun = '' }) => !(noRun in REASONS))).toEqual([]);
    const counts: Record<string, number> = {};
    for (const { noRun = '' } of left) counts[noRun] = (counts[noRun] ?? 0) + 1;
    // One more is a block that no test runs: can it not be?
    expect(counts).toEqual({
      bench: 2,
      ci: 4,
      cluster: 2,
      engine: 2,
      host: 2,
      interactive: 1,
      network: 2,
      secret: 1,
    });
  });

  it.each(tried.map(({ name }) => name))(
    'has commands in %s that do what it says',
    async (name) => {
      expect(await results.get(name)).toBeUndefined();
    },
    240_000,
  );
});
