// `pnpm check:infra`: what is in infra/ and in the compose file, as far as it can be checked without an engine, a cluster or a Prometheus server.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { composeProblems } from './infra/compose.mjs';
import { imageProblems, readDockerfile } from './infra/dockerfile.mjs';
import { chartProblems } from './infra/helm.mjs';
import { readHealthRoutes, readSettings } from './infra/processes.mjs';
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

/** promtool of the PATH, or of the system's packages, unpacked into .longrun and not installed; null when neither can be had. */
async function findPromtool() {
  if (await has('promtool')) return 'promtool';
  const { unpackDebianProgram } = await import('../packages/local-services/dist/index.js');
  const promtool = { name: 'prometheus', path: 'usr/bin/promtool' };
  return unpackDebianProgram(promtool, join(root, '.longrun', 'promtool'), console.error).catch(() => null);
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

/** The chart, as far as its renderer can be made here. */
async function checkChart(settings) {
  try {
    problems.push(...(await chartProblems(settings)));
  } catch (error) {
    notRun.push(
      `helm template: Go and sprig of Debian's packages cannot be had here (${error.message.split('\n')[0]})`,
    );
  }
}

const settings = await readSettings();
checkRunbook();
problems.push(...imageProblems(readDockerfile()), ...composeProblems(settings, readHealthRoutes()));
await checkChart(new Set(settings.keys()));
const promtool = await findPromtool();
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
} else notRun.push('docker compose config: there is no docker compose here');
if (await has('helm', ['version'])) {
  const values = ['--values', 'infra/helm/checks/production.yaml'];
  await check('helm lint', 'helm', ['lint', '--strict', 'infra/helm/longrun', ...values]);
} else notRun.push('helm lint: there is no helm here');
for (const line of notRun) console.log(`not run: ${line}`);
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
