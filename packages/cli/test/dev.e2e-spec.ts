/**
 * `longrun dev` as a process on a project of its own: real Postgres, real loading of the graphs, a stand-in for the api.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { makeTemporaryDataDir } from '@longrun/local-services';
import { runCommand, stackWhere } from './start-process.js';
import type { StartProcess } from './start-process.js';
import { writeStubApps } from './stub-apps.js';

const GRAPH = `
import { word } from './lib/word';
export const graph: object = { lg_is_pregel: true, word };
`;

let root: string;
let project: string;
let running: StartProcess | undefined;
beforeEach(() => {
  root = makeTemporaryDataDir('longrun-stub-');
  writeStubApps(root);
  project = makeTemporaryDataDir('longrun-project-');
  mkdirSync(join(project, 'lib'));
  edit('package.json', '{"type":"module"}');
  edit('lib/word.ts', 'export const word: string = "one";');
  edit('agent.ts', GRAPH);
  edit('.env', 'WORD=one\nLOG_LEVEL=trace');
  edit('langgraph.json', '{"graphs":{"agent":"./agent.ts:graph"},"env":".env","dependencies":["."]}');
});
afterEach(async () => {
  running?.child.kill('SIGTERM');
  await running?.ended;
  for (const folder of [root, project]) rmSync(folder, { recursive: true, force: true });
}, 30_000);

function edit(file: string, text: string): void {
  writeFileSync(join(project, file), text);
}

function dev(args: string[] = [], env: Record<string, string> = {}): StartProcess {
  running = runCommand(['dev', '--config', project, '--port', '0', '--json', '--no-browser', ...args], {
    LONGRUN_APPS_ROOT: root,
    ...env,
  });
  return running;
}

/** Resolves with the pid of the api that has taken the place of this one, at the same address. */
async function replaced(pid: number, url: string): Promise<number> {
  const { apis } = await stackWhere(join(project, '.longrun'), (now) => now.apis[0]?.pid !== pid);
  expect(apis[0]?.url).toBe(url);
  return apis[0]?.pid ?? 0;
}

describe('longrun dev', () => {
  it('serves a project with data of its own, and replaces the process whenever something of it changes', async () => {
    const { ready, printed, output } = dev(['-n', '3'], { DATABASE_URL: 'postgresql://application' });
    const stack = await ready;
    const [{ pid, url } = { pid: 0, url: '' }] = stack.apis;
    expect(stack).toMatchObject({ apis: [{}], workers: [], sweepers: [], redis: null });
    const env = (await (await fetch(`${url}/env`)).json()) as Record<string, string>;
    expect(env).toMatchObject({
      LANGGRAPH_CONFIG_PATH: join(project, 'langgraph.json'),
      ENABLE_WORKERS: 'false',
      STREAMING_BACKEND: 'memory',
      HOST: '127.0.0.1',
      N_JOBS_PER_WORKER: '3',
      DRAIN_GRACE_MS: '1000',
      LOG_LEVEL: 'info',
    });
    expect(env['DATABASE_URL']).toMatch(/^postgresql:\/\/postgres:/);
    expect(readFileSync(join(project, '.longrun/.gitignore'), 'utf8')).toBe('*\n');
    expect(output.stderr).toMatch(/dependencies of langgraph.json build images/);
    expect(output.stderr).toMatch(/DATABASE_URL is set and not used/);
    expect(output.stderr).toMatch(/sets LOG_LEVEL, which is Longrun's own/);

    edit('lib/word.ts', 'export const word: string = "two";');
    const second = await replaced(pid, url);
    await printed(/word\.ts changed: loading the graphs anew/);
    edit('.env', 'WORD=two');
    const third = await replaced(second, url);
    edit('langgraph.json', '{"graphs":{"agent":"./agent.ts:graph"}}');
    await replaced(third, url);
  }, 60_000);

  it('goes on with what it has while an edit cannot be loaded', async () => {
    const { ready, printed } = dev();
    const [{ pid, url } = { pid: 0, url: '' }] = (await ready).apis;
    edit('lib/word.ts', 'export const word: string = ;');
    await printed(/word\.ts changed, and cannot be loaded:[\s\S]*word\.ts:1:28: ERROR[\s\S]*before goes on/);
    edit('agent.ts', GRAPH.replace('./lib/word', './lib/missing'));
    await printed(/agent\.ts changed, and cannot be loaded:[\s\S]*missing/);
    expect((await fetch(url)).status).toBe(200);
    // Not one of its files until now: a file that was missing counts.
    edit('lib/missing.ts', 'export const word = "found";');
    await replaced(pid, url);
  }, 60_000);

  it('waits for an edit when the graphs do not load at first', async () => {
    edit('agent.ts', 'throw new Error("no key for the model");');
    const { ready, printed } = dev();
    await printed(/no key for the model\nWaiting for a change/);
    edit('agent.ts', GRAPH);
    expect((await ready).apis).toHaveLength(1);
  }, 60_000);

  it('ends with 1 instead when nothing is watched, and leaves nothing behind', async () => {
    edit('agent.ts', 'throw new Error("no key for the model");');
    const { ended, output } = dev(['--no-reload']);
    expect(await ended).toBe(1);
    expect(output.stderr).toContain('no key for the model');
    expect(existsSync(join(project, '.longrun/stack.json'))).toBe(false);
  }, 60_000);

  it('answers a wrong option with exit code 2 before it makes anything', async () => {
    const { ended, output } = dev(['--tunnel']);
    expect(await ended).toBe(2);
    expect(output.stderr).toContain('--tunnel is not supported');
    expect(existsSync(join(project, '.longrun'))).toBe(false);
  });
});
