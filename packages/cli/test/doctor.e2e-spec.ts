/**
 * `longrun doctor` on real servers, well and set wrong.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { makeTemporaryDataDir } from '@longrun/local-services';
import {
  createEmptyDatabase,
  startTestPgBouncer,
  startTestRedis,
  type TestDatabase,
  type TestRedis,
} from '@longrun/testing';
import type { Finding } from '../src/doctor/finding.js';
import { checkPostgres } from '../src/doctor/postgres-checks.js';
import { migrateDatabase } from '../src/start/migrate-database.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const CONFIGS = [
  'api/dist/config/api-config.js',
  'worker/dist/config/worker-config.js',
  'sweeper/dist/config/sweeper-config.js',
];

let folder: string;
let database: TestDatabase;
let redis: TestRedis;
beforeAll(async () => {
  folder = makeTemporaryDataDir('longrun-doctor-');
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'agent.js'), 'export const graph = { lg_is_pregel: true };');
  writeFileSync(join(folder, 'broken.js'), 'export const graph = ;');
  writeFileSync(join(folder, 'langgraph.json'), '{"graphs":{"agent":"./agent.js:graph"}}');
  writeFileSync(join(folder, 'broken.json'), '{"graphs":{"agent":"./broken.js:graph"}}');
  // The classes of the apps stand for themselves elsewhere; here one setting is enough.
  const kit = import.meta.resolve('@longrun/service-kit');
  for (const file of CONFIGS) {
    const name = { api: 'ApiConfig', worker: 'WorkerConfig', sweeper: 'SweeperConfig' }[
      file.split('/')[0] ?? ''
    ];
    mkdirSync(join(folder, 'apps', file, '..'), { recursive: true });
    writeFileSync(
      join(folder, 'apps', file),
      `import { ExecutionConfig } from '${kit}'; export class ${name ?? ''} extends ExecutionConfig {}`,
    );
  }
  [database, redis] = await Promise.all([createEmptyDatabase(), startTestRedis()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([database.drop(), redis.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/** Runs it; `before` is for the shell that starts it. */
async function doctor(
  args: string[],
  env: Record<string, string>,
  before = '',
): Promise<{ code: number; findings: Finding[]; of(check: string): Finding | undefined; printed: string }> {
  const command = `${before} exec "$0" "$@"`;
  const all = ['-c', command, process.execPath, MAIN, 'doctor', '--data-dir', join(folder, 'data'), ...args];
  const { code, stdout, stderr } = await new Promise<{ code: number; stdout: string; stderr: string }>(
    (resolve) => {
      execFile(
        'sh',
        all,
        { cwd: folder, env: { PATH: process.env['PATH'], LONGRUN_APPS_ROOT: folder, ...env } },
        (error, out, err) => {
          resolve({ code: error === null ? 0 : Number(error.code), stdout: out, stderr: err });
        },
      );
    },
  );
  const { findings } = stdout.startsWith('{')
    ? (JSON.parse(stdout) as { findings: Finding[] })
    : { findings: [] };
  return {
    code,
    findings,
    of: (check) => findings.find((one) => one.check === check),
    printed: stdout + stderr,
  };
}

describe('longrun doctor', () => {
  it('finds nothing where nothing is set, and says what it did not look at', async () => {
    const { code, printed } = await doctor([], {});
    expect(printed).toMatch(/^skipped +postgres +DATABASE_URL is not set/m);
    expect(printed).toMatch(/^skipped +redis +REDIS_URL is not set/m);
    expect(printed).toMatch(/^ok +graphs .*langgraph\.json loads: agent\.$/m);
    expect(printed).toMatch(/^No problems\.$/m);
    expect(code).toBe(0);
  }, 30_000);

  it('finds pending migrations, and nothing when they are applied', async () => {
    const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
    const before = await doctor(['--json'], env);
    expect([before.code, before.of('migrations')]).toMatchObject([1, { status: 'problem' }]);
    expect(before.of('migrations')?.value).toBeGreaterThan(5);
    await migrateDatabase(database.url);
    const after = await doctor(['--json'], env);
    expect(after.findings.filter(({ status }) => status === 'problem')).toEqual([]);
    expect(after.code).toBe(0);
    expect(after.of('migrations')).toMatchObject({ status: 'ok', value: 0 });
    expect(after.of('postgres-pooler')?.status).toBe('ok');
    expect(after.of('clock')?.status).toBe('ok');
    // The test's Redis keeps nothing: no problem, but worth a word.
    expect(after.of('redis-persistence')).toMatchObject({ status: 'advice', value: 'no' });
  }, 60_000);

  it('finds a Redis that evicts, and one that lets in too few', async () => {
    const serverArguments = [
      '--maxmemory-policy',
      'allkeys-lru',
      '--maxclients',
      '64',
      '--appendonly',
      'yes',
    ];
    const wrong = await startTestRedis({ serverArguments });
    try {
      const { code, of } = await doctor(['--json', '--workers', '1'], { REDIS_URL: wrong.url });
      expect(code).toBe(1);
      expect(of('redis')).toMatchObject({ status: 'problem', value: 'allkeys-lru' });
      expect(of('redis-connections')).toMatchObject({
        status: 'problem',
        value: 64,
        what: expect.stringMatching(/may open 250 connections, .* maxclients is 64\.$/),
        remedy: expect.stringMatching(/^Raise maxclients to 25\d or more/),
      });
      expect(of('redis-persistence')?.status).toBe('ok');
    } finally {
      await wrong.stop();
    }
  }, 60_000);

  it('finds that Postgres has too few connections for what is to be run', async () => {
    const { code, of } = await doctor(['--json', '--workers', '1000'], { DATABASE_URL: database.url });
    expect(code).toBe(1);
    // One api with its pool and two sessions, a thousand workers with three, a sweeper with four.
    expect(of('postgres-connections')).toMatchObject({ status: 'problem', value: 12 + 13_000 + 4 });
  }, 30_000);

  it('finds servers that do not answer', async () => {
    const env = { DATABASE_URL: 'postgresql://127.0.0.1:1/x', REDIS_URL: 'redis://127.0.0.1:1' };
    const { code, of } = await doctor(['--json'], env);
    expect(code).toBe(1);
    expect(of('postgres')).toMatchObject({
      status: 'problem',
      what: expect.stringContaining('ECONNREFUSED'),
    });
    expect(of('redis')).toMatchObject({ status: 'problem', what: expect.stringContaining('ECONNREFUSED') });
  }, 30_000);

  it('finds wrong settings, graphs that do not load, few files, and a folder that cannot be written to', async () => {
    const args = ['--json', '--config', 'broken.json', '--data-dir', join(folder, 'package.json/data')];
    const env = { N_JOBS_PER_WORKER: 'many', REDIS_ULR: redis.url };
    const { code, of, findings } = await doctor(args, env, 'ulimit -n 512;');
    expect(code).toBe(1);
    expect(of('open-files')).toMatchObject({ status: 'problem', value: 512 });
    expect(of('data-folder')).toMatchObject({ status: 'problem', what: expect.stringContaining('ENOTDIR') });
    expect(of('graphs')).toMatchObject({ status: 'problem', what: expect.stringContaining('broken.js') });
    expect(findings.flatMap(({ check, value }) => (check === 'settings' ? [value] : []))).toEqual([
      'N_JOBS_PER_WORKER',
      'REDIS_ULR',
    ]);
  }, 30_000);

  it('finds a transaction pooler without a way around it, and a role without timeouts behind it', async () => {
    const pooler = await startTestPgBouncer(database.url);
    try {
      const alone = await doctor(['--json'], { DATABASE_URL: pooler.url });
      expect(alone.code).toBe(1);
      expect(alone.of('postgres-pooler')).toMatchObject({
        status: 'problem',
        remedy: expect.stringMatching(/^Set DATABASE_DIRECT_URL/),
      });
      const env = { DATABASE_URL: pooler.url, DATABASE_DIRECT_URL: database.url };
      const beside = await doctor(['--json'], env);
      expect(beside.of('postgres-pooler')?.status).toBe('ok');
      expect(beside.of('postgres-timeouts')).toMatchObject({
        status: 'problem',
        remedy: expect.stringContaining(' SET lock_timeout = 2000;'),
      });
    } finally {
      await pooler.stop();
    }
  }, 120_000);

  it('finds a clock that is off', async () => {
    const plan = { url: database.url, directUrl: undefined, poolSize: 10, apis: 1, workers: 1, sweepers: 1 };
    const findings = await checkPostgres({ ...plan, now: () => Date.now() + 60_000 });
    const clock = findings.find(({ check }) => check === 'clock');
    expect(clock?.status).toBe('problem');
    expect(Math.round(Number(clock?.value) / 10_000)).toBe(6);
  }, 30_000);

  it.each([[['--workers', 'many']], [['now']], [['--colour']]])(
    'answers %j with exit code 2',
    async (args) => {
      expect((await doctor(args, {})).code).toBe(2);
    },
  );
});
