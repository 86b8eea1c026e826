// Does what a build stage of the Dockerfile does, without an engine: its COPYs and its very RUN steps, in a folder of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { root } from '../turbo.mjs';

const STEP_LIMIT_MS = 600_000;
/** What a step gets from here: how packages are fetched, and nothing of a development setup. */
const PASSED = /^(PATH|HOME|TMPDIR|LANG|npm_config_.*|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS)$/i;

/**
 * Runs the steps of a stage that builds on an image of somebody else's.
 *
 * @param {import('./dockerfile.mjs').Stage} stage
 * @param {string} stages holds a folder for each stage, which stands for the root of its file system
 * @throws Error with the last lines of the step that failed
 */
export async function runBuildStage(stage, stages) {
  const folder = join(stages, stage.name);
  const cwd = join(folder, stage.workdir);
  mkdirSync(cwd, { recursive: true });
  for (const step of stage.steps) {
    const begun = performance.now();
    if (step.kind === 'COPY') copy(step, stages, folder, cwd);
    else await runStep(step.command, cwd, stage.env, join(folder, 'step.log'));
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${seconds.padStart(6)} s  ${step.command ?? `COPY ${step.source} ${step.target}`}`);
  }
}

function copy({ from, source, target }, stages, folder, cwd) {
  const place = target.startsWith('/') ? join(folder, target) : resolve(cwd, target);
  const [origin, base] = from === undefined ? [join(root, source), root] : [join(stages, from, source), '/'];
  const isIgnored = from === undefined ? ignoreRules() : () => false;
  // A folder gives what is in it, a file itself.
  const isFolder = lstatSync(origin).isDirectory();
  cpSync(origin, isFolder ? place : join(place, basename(source)), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !isIgnored(relative(base, path)),
  });
}

/** The rules of .dockerignore: no exceptions (!), no character classes; none of ours has them. */
function ignoreRules() {
  const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  const patterns = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const text = line
        .replaceAll('.', '\\.')
        .replaceAll(/\*\*\/|\*/g, (star) => (star === '*' ? '[^/]*' : '(.*/)?'));
      return new RegExp(`^${text}$`);
    });
  return (path) => patterns.some((pattern) => pattern.test(path));
}

async function runStep(command, cwd, env, logFile) {
  const log = openSync(logFile, 'w');
  const passed = Object.entries(process.env).filter(([name]) => PASSED.test(name));
  const child = spawn('sh', ['-c', command], {
    cwd,
    env: { ...Object.fromEntries(passed), ...env },
    stdio: ['ignore', log, log],
    timeout: STEP_LIMIT_MS,
  });
  const [code] = await once(child, 'close');
  closeSync(log);
  if (code === 0) return;
  const last = readFileSync(logFile, 'utf8').split('\n').slice(-30).join('\n');
  throw new Error(`RUN ${command}\nended with ${code}:\n${last}`);
}

/** Bytes of all files below. */
export function sizeOf(path) {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
