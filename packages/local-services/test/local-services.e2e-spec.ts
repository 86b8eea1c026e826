/**
 * The databases that are started here, one by one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import {
  endProcess,
  findRedisServer,
  goneWithin,
  identify,
  LocalServiceError,
  makeTemporaryDataDir,
  startPostgres,
  startRedis,
} from '../src/index.js';
import type { LocalService } from '../src/index.js';

let dataDir: string;
let services: LocalService[] = [];
const folders: string[] = [];

async function keep(starting: Promise<LocalService>): Promise<LocalService> {
  const service = await starting;
  services.push(service);
  return service;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

beforeEach(() => {
  dataDir = makeTemporaryDataDir('longrun-services-');
  folders.push(dataDir);
});
afterEach(async () => {
  for (const service of services) await service.stop();
  services = [];
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('the embedded Postgres', () => {
  it('listens on the loopback only, has UTF-8, and keeps its password to its owner', async () => {
    const postgres = await keep(startPostgres({ dataDir }));
    expect(
      await query(
        postgres.url,
        "SELECT current_setting('listen_addresses') AS on, current_setting('server_encoding') AS enc",
      ),
    ).toEqual([{ on: '127.0.0.1', enc: 'UTF8' }]);
    expect(statSync(join(dataDir, 'postgres.password')).mode & 0o777).toBe(0o600);
    const wrong = new URL(postgres.url);
    wrong.password = 'wrong';
    await expect(query(wrong.toString(), 'SELECT 1')).rejects.toThrow(/password/);
  });

  it('answers through a socket in a folder that only its user may enter, also after kill -9 left one behind', async () => {
    const first = await keep(startPostgres({ dataDir }));
    const { socketUrl = '' } = first;
    const folder = new URL(socketUrl).searchParams.get('host') ?? '';
    expect(statSync(folder).mode & 0o077).toBe(0);
    expect(await query(socketUrl, 'SELECT inet_client_addr() AS client')).toEqual([{ client: null }]);
    const killed = identify(first.pid);
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    expect(killed && (await goneWithin(killed, 1_000))).toBe(true);
    const again = await keep(startPostgres({ dataDir, port: Number(new URL(first.url).port) }));
    expect(again.socketUrl).toBe(socketUrl);
    expect(await query(socketUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('starts again on its data after kill -9, while its pid file names a stranger', async () => {
    const first = await startPostgres({ dataDir });
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS one');
    const identity = identify(first.pid);
    if (identity !== undefined) await endProcess(identity, []);
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
    const stale = readFileSync(pidFile, 'utf8');
    // Postgres believes in a living process of its own user.
    const { uid, gid } = statSync(join(dataDir, 'postgres'));
    const stranger = spawn('sleep', ['60'], { uid, gid, cwd: '/' });
    writeFileSync(pidFile, stale.replace(/^\d+/, String(stranger.pid)));

    const second = await keep(startPostgres({ dataDir }));
    expect(await query(second.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }]);
    expect(stranger.exitCode).toBeNull();
    stranger.kill();
  });

  it('ends the server that a killed owner left on the same data', async () => {
    const left = await startPostgres({ dataDir });
    const identity = identify(left.pid) ?? { pid: left.pid, startedAt: '' };
    const next = await keep(startPostgres({ dataDir }));
    expect(next.pid).not.toBe(left.pid);
    expect(await goneWithin(identity, 0)).toBe(true);
  });

  it('stops also when it is frozen', async () => {
    const postgres = await keep(startPostgres({ dataDir }));
    process.kill(postgres.pid, 'SIGSTOP');
    await postgres.stop();
    await postgres.exited;
  });

  it('finds another place, and says so, when root runs it below a folder that only root may enter', async () => {
    if (process.getuid?.() !== 0) return;
    const secret = mkdtempSync(join(tmpdir(), 'longrun-secret-'));
    folders.push(secret);
    const notes: string[] = [];
    const postgres = await keep(
      startPostgres({ dataDir: join(secret, 'data'), note: (text) => notes.push(text) }),
    );
    expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const [, place = ''] = /its data is in (\/var\/tmp\/longrun-\w+)/.exec(notes.join()) ?? [];
    folders.push(place);
    expect(existsSync(join(place, 'postgres', 'PG_VERSION'))).toBe(true);
    expect(statSync(secret).mode & 0o777).toBe(0o700);
  });
});

describe('Redis', () => {
  it('answers through a socket in its folder, unless the path of that is too long for one', async () => {
    const redis = await keep(startRedis({ dataDir }));
    const socket = new URL(redis.socketUrl ?? '').searchParams.get('socket') ?? '';
    expect(statSync(socket).mode & 0o777).toBe(0o700);
    const connection = createConnection({ path: socket });
    connection.write('PING\r\n');
    const [answer] = (await once(connection, 'data')) as [Buffer];
    connection.destroy();
    expect(answer.toString()).toBe('+PONG\r\n');

    const deep = join(dataDir, 'd'.repeat(100));
    const without = await keep(startRedis({ dataDir: deep }));
    expect(without.socketUrl).toBeUndefined();
  });
});

describe('finding a Redis server', () => {
  const noPackages = { path: '/nowhere' };

  it('prefers the named program, and refuses a wrong one', async () => {
    expect(await findRedisServer({ dataDir, binary: '/bin/true', ...noPackages })).toBe('/bin/true');
    await expect(findRedisServer({ dataDir, binary: '/bin/none', ...noPackages })).rejects.toThrow(
      /REDIS_SERVER_BIN is \/bin\/none/,
    );
  });

  it('takes Redis or Valkey from the path', async () => {
    const folder = join(dataDir, 'bin');
    mkdirSync(folder);
    writeFileSync(join(folder, 'valkey-server'), '#!/bin/sh\n', { mode: 0o755 });
    expect(await findRedisServer({ dataDir, path: `/nowhere:${folder}` })).toBe(
      join(folder, 'valkey-server'),
    );
  });

  it('takes what was unpacked before', async () => {
    mkdirSync(join(dataDir, 'redis', 'packages'), { recursive: true });
    const unpacked = join(dataDir, 'redis', 'packages', 'redis-server');
    writeFileSync(unpacked, '#!/bin/sh\n', { mode: 0o755 });
    expect(await findRedisServer({ dataDir, ...noPackages })).toBe(unpacked);
  });

  it('shows why a program does not start', async () => {
    const broken = join(dataDir, 'broken');
    writeFileSync(broken, '#!/bin/sh\necho no luck today\nexit 1\n', { mode: 0o755 });
    const starting = startRedis({ dataDir, binary: broken });
    await expect(starting).rejects.toThrow(LocalServiceError);
    await expect(starting).rejects.toThrow(/ended while starting:\nno luck today/);
  });
});
