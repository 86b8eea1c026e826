/**
 * The helpers for tests of the whole system, over stand-ins for the apps.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { identify, makeTemporaryDataDir } from '@longrun/local-services';
import { signalProcessTree } from '@longrun/testing';
import pg from 'pg';

import { createTestDatabase, startTestStack } from '../src/index.js';
import type { TestStack, TestStackOptions } from '../src/index.js';

const STUB = `
import { createServer } from 'node:http';
for (const event of ['SIGTERM', 'disconnect']) process.on(event, () => process.exit(0));
console.log('stub with GREETING', process.env.GREETING);
const server = createServer((request, response) => response.end('[]'));
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () =>
  process.send({ type: 'ready', id: process.env.WORKER_ID, url: 'http://127.0.0.1:' + server.address().port }));
`;
const root = makeTemporaryDataDir('longrun-stub-');
let cleanups: (() => Promise<void>)[] = [];

function writeStubs(): string {
  for (const app of ['api', 'worker', 'sweeper']) {
    const folder = join(root, 'apps', app, 'dist');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'main.js'), STUB);
  }
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'langgraph.json'), '{}');
  return join(root, 'langgraph.json');
}

async function stackOf(options: Omit<TestStackOptions, 'configPath'>): Promise<TestStack> {
  const env = { LONGRUN_APPS_ROOT: root, GREETING: 'hello', ...options.env };
  const stack = await startTestStack({ configPath: writeStubs(), ...options, env });
  cleanups.push(() => stack.stop());
  return stack;
}

async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
  cleanups = [];
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('a test database', () => {
  it('is migrated, of its own, and gone after the test', async () => {
    const database = await createTestDatabase();
    const tables =
      "SELECT count(*)::int AS n FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
    const [counted] = await query<{ n: number }>(database.url, tables);
    expect(counted?.n).toBeGreaterThan(5);
    await database.drop();
    await expect(query(database.url, 'SELECT 1')).rejects.toThrow();
  });
});

describe('a test stack', () => {
  it('is the asked system on a database of its own, heals what a test kills, and leaves nothing', async () => {
    const stack = await stackOf({ apis: 2, workers: 1 });
    expect([stack.info.apis.length, stack.info.workers.length]).toEqual([2, 1]);
    expect((await fetch(stack.url)).status).toBe(200);
    expect(stack.log('worker-0')).toContain('stub with GREETING hello');

    const { pid = 0 } = stack.info.workers[0] ?? {};
    stack.kill(pid);
    const healed = await stack.waitForStack(({ workers }) => workers[0]?.pid !== pid);
    expect(stack.readStack()).toEqual(healed);
    expect(stack.output()).toContain('worker-0 has died');

    const pids = [...healed.apis, ...healed.workers, ...healed.sweepers, healed.redis].map(
      (one) => one?.pid ?? 0,
    );
    await stack.stop();
    expect(pids.map((one) => identify(one))).toEqual(pids.map(() => undefined));
    expect(existsSync(stack.dataDir)).toBe(false);
  });

  it('freezes a Postgres of its own altogether, sessions included', async () => {
    const stack = await stackOf({ workers: 0, sweepers: 0, ownPostgres: true });
    const { url, pid } = stack.info.postgres;
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    signalProcessTree(pid ?? 0, 'SIGSTOP');
    let answered = false;
    const answer = client.query('SELECT 1').then(() => (answered = true));
    // Nothing to wait for: a session that were awake would have answered long before.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(answered).toBe(false);
    signalProcessTree(pid ?? 0, 'SIGCONT');
    await answer;
    await client.end();
  });

  it('says why it does not start', async () => {
    await expect(stackOf({ redisUrl: 'http://nowhere' })).rejects.toThrow(/did not start[\s\S]*redis:\/\//);
  });
});
