/**
 * `longrun start` as a process: real databases, stand-ins for the apps.
 */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { findRedisServer, goneWithin, identify, makeTemporaryDataDir } from '@longrun/local-services';
import type { ProcessIdentity } from '@longrun/local-services';
import type { Stack } from '../src/start/stack.js';
import { runStart, stackWhere } from './start-process.js';
import type { StartProcess } from './start-process.js';
import { writeStubApps } from './stub-apps.js';

let root: string;
let dataDir: string;
let config: string;
let running: StartProcess[] = [];
let redisServer: string;

function start(args: string[] = [], env: Record<string, string> = {}): StartProcess {
  const started = runStart(['--config', config, '--data-dir', dataDir, '--port', '0', '--json', ...args], {
    LONGRUN_APPS_ROOT: root,
    REDIS_SERVER_BIN: redisServer,
    ...env,
  });
  running.push(started);
  return started;
}

function processesOf(stack: Stack): ProcessIdentity[] {
  const databases = [stack.redis, stack.postgres];
  const pids = [...stack.apis, ...stack.workers, ...stack.sweepers, ...databases].map((one) => one?.pid ?? 0);
  return pids.filter((pid) => pid !== 0).map((pid) => identify(pid) ?? { pid, startedAt: 'gone already' });
}

async function expectAllGone(processes: ProcessIdentity[], withinMs: number): Promise<void> {
  const gone = await Promise.all(processes.map((one) => goneWithin(one, withinMs)));
  expect(gone).toEqual(processes.map(() => true));
}

beforeAll(async () => {
  redisServer = await findRedisServer({
    dataDir: join(import.meta.dirname, '../../../.longrun'),
    binary: process.env['REDIS_SERVER_BIN'],
  });
}, 120_000);
beforeEach(() => {
  root = makeTemporaryDataDir('longrun-stub-');
  dataDir = makeTemporaryDataDir('longrun-start-');
  config = writeStubApps(root);
});
afterEach(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGTERM');
    await ended;
  }
  running = [];
  for (const folder of [root, dataDir]) rmSync(folder, { recursive: true, force: true });
}, 30_000);

describe('longrun start', () => {
  it('brings up the asked processes on real databases, says where they are, and leaves nothing behind', async () => {
    const { child, ready, ended } = start(['--apis', '2', '--workers', '3']);
    const stack = await ready;
    expect([stack.apis.length, stack.workers.length, stack.sweepers.length]).toEqual([2, 3, 1]);
    expect(new Set(stack.workers.map(({ id }) => id)).size).toBe(3);
    const file = join(dataDir, 'stack.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(stack);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const client = new pg.Client({ connectionString: stack.postgres.url });
    await client.connect();
    const { rows } = await client.query('SELECT migration_name FROM _prisma_migrations');
    expect(rows.length).toBeGreaterThan(0);
    await client.end();

    const env = (await (await fetch(`${stack.apis[1]?.url ?? ''}/env`)).json()) as Record<string, string>;
    // The processes reach the databases through their sockets, everybody else by their ports.
    const through = (url: string | undefined, socket: string): unknown =>
      expect.stringMatching(new RegExp(`^${url ?? ''}\\?${socket}=%2F`));
    expect(env).toMatchObject({
      DATABASE_URL: through(stack.postgres.url, 'host'),
      DATABASE_DIRECT_URL: through(stack.postgres.url, 'host'),
      REDIS_URL: through(stack.redis?.url, 'socket'),
      LANGGRAPH_CONFIG_PATH: config,
      HOST: '127.0.0.1',
      ENABLE_WORKERS: 'true',
      STREAMING_BACKEND: 'redis',
      DRAIN_GRACE_MS: '10000',
    });

    const processes = processesOf(stack);
    expect(processes).toHaveLength(8);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    await expectAllGone(processes, 0);
    expect(existsSync(file)).toBe(false);
  });

  it('starts again what was killed, databases too, and says so in stack.json', async () => {
    const { ready } = start();
    const stack = await ready;
    for (const { pid } of processesOf(stack)) process.kill(pid, 'SIGKILL');
    const healed = await stackWhere(dataDir, (now) => {
      const before = processesOf(stack).map(({ pid }) => pid);
      const after = processesOf(now).map(({ pid }) => pid);
      return after.length === before.length && !after.some((pid) => before.includes(pid));
    });
    // Clients and processes find everything where it was.
    expect(healed.apis.map(({ url }) => url)).toEqual(stack.apis.map(({ url }) => url));
    expect([healed.redis?.url, healed.postgres.url]).toEqual([stack.redis?.url, stack.postgres.url]);
    expect(healed.workers.map(({ id }) => id)).not.toEqual(stack.workers.map(({ id }) => id));
  });

  it('leaves dead what died with --no-restart', async () => {
    const { ready, printed } = start(['--no-restart', '--workers', '1']);
    const stack = await ready;
    process.kill(stack.workers[0]?.pid ?? 0, 'SIGKILL');
    await printed(/worker-0 .* stays dead/);
  });

  it('keeps its data over a restart', async () => {
    const first = start();
    const { postgres } = await first.ready;
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query('CREATE TABLE kept AS SELECT 42 AS answer');
    await client.end();
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);

    const second = start();
    const again = new pg.Client({ connectionString: (await second.ready).postgres.url });
    // What takes long is announced, and takes long once.
    const making = /Making a Postgres in .*: a few seconds, this once/;
    expect([first, second].map(({ output }) => making.test(output.stderr))).toEqual([true, false]);
    await again.connect();
    expect((await again.query<{ answer: number }>('SELECT answer FROM kept')).rows).toEqual([{ answer: 42 }]);
    await again.end();
  });

  it('refuses a data directory that another start is using', async () => {
    await start().ready;
    const second = start();
    expect(await second.ended).toBe(1);
    expect(second.output.stderr).toMatch(/already running on .* \(pid \d+\)/);
  });

  it('cleans up after a start that was killed', async () => {
    const first = start();
    const left = processesOf(await first.ready);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = start();
    await second.ready;
    await expectAllGone(left, 0);
  });

  it('ends everything when it was killed and nobody comes back', async () => {
    const { child, ready, ended } = start();
    const left = processesOf(await ready);
    child.kill('SIGKILL');
    await ended;
    // The apps get the time of an orderly stop, then the databases go.
    await expectAllGone(left, 30_000);
  });

  it('kills at once when asked twice', async () => {
    const { child, ready, ended, printed } = start(['--workers', '1'], { STUB_STOP_MS: '60000' });
    const processes = processesOf(await ready);
    child.kill('SIGINT');
    await printed(/once more kills at once/);
    // A second signal right after the first is the same wish, passed on by a package manager.
    child.kill('SIGINT');
    const insist = setInterval(() => child.kill('SIGINT'), 200);
    expect(await ended).toBe(130);
    clearInterval(insist);
    await expectAllGone(processes, 0);
  });

  it('shows the last words of a process that does not come up, and takes everything down', async () => {
    const { ended, output } = start([], { STUB_FAILS: 'worker' });
    expect(await ended).toBe(1);
    expect(output.stderr).toMatch(/worker-\d ended before it was ready:\nstub failure of worker/);
    expect(existsSync(join(dataDir, 'stack.json'))).toBe(false);
  });

  it('is one process without Redis in single mode', async () => {
    const { ready } = start(['--mode', 'single']);
    const stack = await ready;
    expect(stack).toMatchObject({ apis: [{}], workers: [], sweepers: [], redis: null });
    const env = (await (await fetch(`${stack.apis[0]?.url ?? ''}/env`)).json()) as Record<string, string>;
    expect(env).toMatchObject({ ENABLE_WORKERS: 'false', STREAMING_BACKEND: 'memory' });
    expect(env).not.toHaveProperty('REDIS_URL');
  });

  it('uses databases that were given by URL, and leaves them alone', async () => {
    const { redis, postgres } = await start().ready;
    const ownData = makeTemporaryDataDir('longrun-given-');
    const given = runStart(['--config', config, '--data-dir', ownData, '--port', '0', '--json'], {
      LONGRUN_APPS_ROOT: root,
      DATABASE_URL: postgres.url,
      REDIS_URL: redis?.url ?? '',
    });
    const stack = await given.ready;
    expect([stack.redis, stack.postgres]).toEqual([
      { url: redis?.url, pid: null },
      { url: postgres.url, pid: null },
    ]);
    given.child.kill('SIGTERM');
    expect(await given.ended).toBe(0);
    expect(identify(postgres.pid ?? 0)).toBeDefined();
    expect(identify(redis?.pid ?? 0)).toBeDefined();
    rmSync(ownData, { recursive: true });
  });

  it('takes an asked port or none', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const asked = start(['--mode', 'single', '--port', String(port)]);
    expect(await asked.ended).toBe(1);
    expect(asked.output.stderr).toContain(`Port ${String(port)} is taken`);
    holder.close();
  });

  it('answers a wrong option with exit code 2 before it starts anything', async () => {
    const { ended, output } = start(['--workers', 'many']);
    expect(await ended).toBe(2);
    expect(output.stderr).toContain('--workers is "many"');
    expect(existsSync(join(dataDir, 'processes.json'))).toBe(false);
  });
});
