// Starts what the images start, from the files that the Dockerfile's steps made, and has one run succeed on it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 45_000;
const RUN_LIMIT_MS = 60_000;

/**
 * Migrates, starts one of each process, waits until its health check is well, and makes a run; then SIGTERM, which must end each with 0.
 *
 * @param {Map<string, object>} images targets with `files`: pairs of a path in the image and where it is here
 * @param {string} folder for logs and temporary files
 * @param {Record<string, string>} servers the variables of `withTestServices`
 * @throws Error naming what did not happen, with the last lines of the process
 */
export async function runSystem(images, folder, servers) {
  const services = await import('../../packages/local-services/dist/index.js');
  const redis = await services.startRedis({
    dataDir: folder,
    binary: servers.REDIS_SERVER_BIN,
    persistent: false,
  });
  const started = [];
  const start = (name, env, args) => {
    const container = startContainer(images.get(name), folder, env, args);
    started.push(container);
    return container;
  };
  try {
    const env = { DATABASE_URL: servers.LONGRUN_TEST_DATABASE_URL, REDIS_URL: redis.url };
    await ended(start('migrate', env), 'migrate');
    const keys = start('migrate', env, ['keys', 'create', '--name', 'check', '--scope', 'admin', '--json']);
    await ended(keys, 'keys create');
    const { key } = JSON.parse(lastLines(keys).split('\n').at(-1));
    const port = String(await services.freePort());
    const processes = [
      start('sweeper', { ...env, HEALTH_PORT: String(await services.freePort()) }),
      start('example-worker', { ...env, HEALTH_PORT: String(await services.freePort()) }),
      start('example-api', { ...env, PORT: port }),
    ];
    for (const container of processes) await healthy(container);
    await makeRun(`http://127.0.0.1:${port}`, key);
    for (const { child } of processes) child.kill('SIGTERM');
    for (const container of processes) await ended(container, `${container.name} on SIGTERM`);
    console.log(
      'migrated, a key made, all healthy, a run succeeded, its schemas read, SIGTERM ended all of them',
    );
  } finally {
    for (const { child } of started) child.kill('SIGKILL');
    await redis.stop();
  }
}

/** What the engine would start: entry point and command, environment and user of the image; paths of the image are turned into ours. */
function startContainer(image, folder, env, args) {
  const here = (text) => {
    const [target, source] = image.files.find(([path]) => text === path || text.startsWith(`${path}/`)) ?? [];
    return target === undefined ? text : source + text.slice(target.length);
  };
  const own = Object.entries({ ...image.env, ...env }).map(([name, value]) => [name, here(value)]);
  const [uid, gid] = image.user.split(':').map(Number);
  const temporary = join(folder, `tmp-${image.name}`);
  mkdirSync(temporary, { recursive: true });
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(temporary, uid, gid);
  const options = {
    cwd: here(image.workdir),
    env: { PATH: process.env.PATH, TMPDIR: temporary, ...Object.fromEntries(own) },
    // Files belong to whoever built, so this user can change none of them, as on a read-only root.
    ...(isRoot ? { uid, gid } : {}),
  };
  const logFile = join(folder, `${image.name}.log`);
  const log = openSync(logFile, 'a');
  const command = [...(image.entrypoint ?? []), ...(args ?? image.command)].map(here);
  const child = spawn(command[0], command.slice(1), { ...options, stdio: ['ignore', log, log] });
  closeSync(log);
  const check = async () => {
    const [program, ...rest] = image.healthcheck.map(here);
    const [code] = await once(spawn(program, rest, { ...options, stdio: 'ignore' }), 'close');
    return code === 0;
  };
  return {
    name: image.name,
    child,
    check,
    exit: once(child, 'exit'),
    output: () => readFileSync(logFile, 'utf8'),
  };
}

async function healthy(container) {
  const limit = performance.now() + START_LIMIT_MS;
  while (!(await container.check())) {
    if (container.child.exitCode !== null || performance.now() > limit)
      throw new Error(`${container.name} is not healthy:\n${lastLines(container)}`);
    await sleep(250);
  }
}

async function ended(container, what) {
  const [code] = await Promise.race([container.exit, sleep(STOP_LIMIT_MS, ['no end'], { ref: false })]);
  if (code !== 0) throw new Error(`${what}: ${code}\n${lastLines(container)}`);
}

/** A run of the example agent, whose local model needs no key; and what its TypeScript says, for which the image holds a compiler. */
async function makeRun(url, key) {
  const ask = async (path, body) => {
    const response = await fetch(url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      signal: AbortSignal.timeout(RUN_LIMIT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  };
  const input = { messages: [{ role: 'user', content: 'What is 6 * 7?' }] };
  const state = await ask('/runs/wait', { assistant_id: 'agent', input });
  if (!JSON.stringify(state.messages?.at(-1)?.content)?.includes('42'))
    throw new Error(`The run answered ${JSON.stringify(state)}.`);
  const [{ assistant_id: id }] = await ask('/assistants/search', { graph_id: 'agent', limit: 1 });
  const { state_schema: schema } = await ask(`/assistants/${id}/schemas`);
  if (schema?.properties?.messages === undefined)
    throw new Error(`The schema of the graph's state is ${JSON.stringify(schema)}.`);
}

function lastLines(container) {
  return container.output().trimEnd().split('\n').slice(-15).join('\n');
}
