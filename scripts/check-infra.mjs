// `pnpm check:infra`: what is in infra/ and in the compose file, as far as it can be checked without an engine, a cluster or a Prometheus server.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './turbo.mjs';

const run = promisify(execFile);
const problems = [];
const notRun = [];

/** Whether a program can be called. */
async function has(program, args = ['--version']) {
  return run(program, args).then(
    () => true,
    () => false,
  );
}

/** promtool of the PATH, or of Debian's package, which is unpacked and not installed; null when neither can be had. */
async function findPromtool(folder) {
  if (await has('promtool')) return 'promtool';
  try {
    await run('apt-get', ['download', 'prometheus'], { cwd: folder, timeout: 60_000 });
    const [archive] = readdirSync(folder).filter((name) => name.endsWith('.deb'));
    await run('dpkg', ['-x', join(folder, archive), join(folder, 'prometheus')]);
    return join(folder, 'prometheus/usr/bin/promtool');
  } catch {
    return null;
  }
}

async function check(what, program, args) {
  try {
    await run(program, args, { cwd: root });
    console.log(`${what}: well`);
  } catch (error) {
    problems.push(`${what}:\n${error.stdout ?? ''}${error.stderr ?? error.message}`);
  }
}

function checkRunbook() {
  const alerts = readFileSync(join(root, 'infra/prometheus/alerts.yml'), 'utf8');
  const runbook = readFileSync(join(root, 'docs/runbook.md'), 'utf8');
  const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  const entries = [...runbook.matchAll(/^## (Longrun\w+)$/gm)].map(([, name]) => name);
  for (const name of names) {
    if (!entries.includes(name)) problems.push(`docs/runbook.md has no entry for the alert ${name}.`);
    if (!alerts.includes(`docs/runbook.md#${name.toLowerCase()}`))
      problems.push(`${name} does not name its entry.`);
  }
  for (const name of entries)
    if (!names.includes(name)) problems.push(`docs/runbook.md: there is no alert ${name}.`);
  console.log(`runbook: ${names.length} alerts, ${entries.length} entries`);
}

const folder = await mkdtemp(join(tmpdir(), 'longrun-infra-'));
try {
  checkRunbook();
  const promtool = await findPromtool(folder);
  if (promtool === null)
    notRun.push('alert rules: promtool is neither on the PATH nor among the packages of this system');
  else {
    await check('alert rules', promtool, ['check', 'rules', 'infra/prometheus/alerts.yml']);
    await check('tests of the alert rules', promtool, ['test', 'rules', 'infra/prometheus/alerts.test.yml']);
    await check('scrape configuration', promtool, [
      'check',
      'config',
      '--syntax-only',
      'infra/prometheus/prometheus.yml',
    ]);
  }
  if (await has('docker', ['compose', 'version'])) {
    await check('compose file', 'docker', ['compose', '--profile', 'observability', 'config', '--quiet']);
  } else notRun.push('compose file: there is no docker compose here');
} finally {
  await rm(folder, { recursive: true });
}
for (const line of notRun) console.log(`not run: ${line}`);
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
