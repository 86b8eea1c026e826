/**
 * A folder outside this repository with graphs and its own copies of LangGraph, loaded by a plain Node.js process.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const here = path.resolve('test');
/** Packages that exist twice; everything else that they need is shared. */
const COPIED = ['@langchain/langgraph', '@langchain/core', '@langchain/langgraph-checkpoint'];

export interface ForeignFolder {
  path: string;
  /** Runs test/foreign-process.mjs on a file of the folder; returns what it printed, parsed. */
  load(config: unknown, script: unknown, env?: Record<string, string>): Promise<Record<string, unknown>>;
  remove(): Promise<void>;
}

/** Makes the folder with the given files. */
export async function createForeignFolder(files: Record<string, string>): Promise<ForeignFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'longrun-foreign-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  await installCopies(path.join(folder, 'node_modules'));
  return {
    path: folder,
    async load(config, script, env = {}) {
      await writeFile(path.join(folder, 'langgraph.json'), JSON.stringify(config));
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [path.join(here, 'foreign-process.mjs'), path.join(folder, 'langgraph.json'), JSON.stringify(script)],
        { env: { PATH: process.env.PATH, ...env }, cwd: here },
      );
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function installCopies(modules: string): Promise<void> {
  const copied = path.resolve('node_modules');
  const placed = new Set<string>();
  for (const name of COPIED) {
    const source = await realpath(path.join(copied, name));
    await cp(source, path.join(modules, name), {
      recursive: true,
      filter: (file) => !/\.map$|\.d\.c?ts$/.test(file),
    });
    placed.add(name);
    const require = createRequire(path.join(source, 'package.json'));
    const { dependencies = {} } = require(path.join(source, 'package.json')) as {
      dependencies?: Record<string, string>;
    };
    const siblings = source.slice(0, source.lastIndexOf(name));
    for (const dependency of [...Object.keys(dependencies), 'zod']) {
      if (placed.has(dependency) || COPIED.includes(dependency)) continue;
      const target = await realpath(path.join(siblings, dependency)).catch(() => undefined);
      if (target === undefined) continue;
      placed.add(dependency);
      await mkdir(path.dirname(path.join(modules, dependency)), { recursive: true });
      await symlink(target, path.join(modules, dependency));
    }
  }
  if ((await readdir(modules)).length === 0) throw new Error(`nothing was copied to ${modules}`);
}
