/**
 * `longrun worker` and `longrun sweep`: a process in the foreground, over the stand-ins.
 */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { goneWithin, identify, makeTemporaryDataDir } from '@longrun/local-services';
import { processTree } from '@longrun/testing';
import { runCommand } from './start-process.js';
import { writeStubApps } from './stub-apps.js';

let root: string;
let config: string;
let env: Record<string, string>;
beforeAll(() => {
  root = makeTemporaryDataDir('longrun-stub-');
  config = writeStubApps(root);
  env = { LONGRUN_APPS_ROOT: root, DATABASE_URL: 'postgresql://d', REDIS_URL: 'redis://r', HEALTH_PORT: '0' };
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

it.each(['SIGTERM', 'SIGINT'] as const)(
  'a worker runs until %s, and stops in its own way',
  async (signal) => {
    const { child, printed, ended, output } = runCommand(['worker', '--config', config], env);
    await printed(/worker ready/);
    expect(output.stdout).toContain(config);
    child.kill(signal);
    expect(await ended).toBe(0);
    expect(output.stdout).toContain('worker stopping');
  },
);

it('a worker stops when the command itself is killed', async () => {
  const { child, printed, ended } = runCommand(['worker', '--config', config], env);
  await printed(/worker ready/);
  const workers = processTree(child.pid ?? 0).flatMap((pid) =>
    pid === child.pid ? [] : (identify(pid) ?? []),
  );
  expect(workers).toHaveLength(1);
  child.kill('SIGKILL');
  await ended;
  for (const worker of workers) expect(await goneWithin(worker, 5_000)).toBe(true);
});

it('a worker that is asked twice is killed at once', async () => {
  const started = runCommand(['worker', '--config', config], { ...env, STUB_STOP_MS: '60000' });
  await started.printed(/worker ready/);
  started.child.kill('SIGINT');
  await started.printed(/worker stopping/);
  const insist = setInterval(() => started.child.kill('SIGINT'), 200);
  expect(await started.ended).toBe(130);
  clearInterval(insist);
});

it.each([
  ['0', 0],
  ['1', 1],
])('a single sweep ends with the exit code %s of the sweeper', async (code, expected) => {
  const { ended, output } = runCommand(['sweep', '--once'], { ...env, STUB_EXIT: code });
  expect(await ended).toBe(expected);
  expect(output.stdout).toBe('sweeper swept\n');
});

it('a sweeper runs until it is stopped', async () => {
  const { child, printed, ended } = runCommand(['sweep'], env);
  await printed(/sweeper ready/);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

it.each([
  [['worker'], { DATABASE_URL: '' }, /longrun worker needs DATABASE_URL/],
  [['worker'], { REDIS_URL: '' }, /longrun worker needs REDIS_URL/],
  [['worker', '--config', '/nowhere'], {}, /There is no \/nowhere/],
  [['worker', 'now'], {}, /longrun worker \[options\]/],
  [['sweep'], { DATABASE_URL: '' }, /longrun sweep needs DATABASE_URL/],
  [['sweep', '--twice'], {}, /--twice/],
])('%j with %j is a wrong call', async (args, changes, message) => {
  const { ended, output } = runCommand(args, { ...env, ...(changes as Record<string, string>) });
  expect(await ended).toBe(2);
  expect(output.stderr).toMatch(message);
});
