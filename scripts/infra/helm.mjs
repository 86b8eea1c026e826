// Renders the chart with three sets of values and checks what comes out. Helm is not among the packages that can be had here: the renderer
// (scripts/helm-template/main.go) is made of what Helm is made of, and compiled by Go out of Debian's packages.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { root } from '../turbo.mjs';
import { structureProblems } from './kubernetes-structure.mjs';
import { schemaProblems } from './kubernetes-schemas.mjs';

const run = promisify(execFile);
const CHART = join(root, 'infra/helm/longrun');
const CHECKS = join(root, 'infra/helm/checks');
const RENDERER = join(root, 'scripts/helm-template/main.go');
const COMPILE_LIMIT_MS = 300_000;
/** What a set of values must make: a template that renders nothing is a fault that no schema sees. */
const EXPECTED = {
  'production.yaml': {
    Deployment: 3,
    HorizontalPodAutoscaler: 1,
    Job: 1,
    NetworkPolicy: 3,
    PodDisruptionBudget: 2,
    ScaledObject: 1,
    Service: 2,
    ServiceAccount: 1,
    ServiceMonitor: 1,
  },
  'small.yaml': { CronJob: 1, Deployment: 2, Service: 2 },
};
/** Go and the libraries that Helm's templates are made of. */
const GO = {
  name: 'golang-go',
  path: 'usr/bin/go',
  versionArgument: 'version',
  companions: [
    /^golang-[\d.]+-(go|src)$/,
    'golang-github-masterminds-sprig-dev',
    'golang-github-masterminds-goutils-dev',
    'golang-github-masterminds-semver-dev',
    'golang-github-google-uuid-dev',
    'golang-github-huandu-xstrings-dev',
    'golang-github-imdario-mergo-dev',
    'golang-github-mitchellh-copystructure-dev',
    'golang-github-mitchellh-reflectwalk-dev',
    'golang-github-shopspring-decimal-dev',
    'golang-github-spf13-cast-dev',
    'golang-golang-x-crypto-dev',
    'golang-gopkg-yaml.v2-dev',
    'golang-k8s-sigs-yaml-dev',
  ],
};

/**
 * @param {Set<string>} settings names of all variables of the configuration
 * @returns {Promise<string[]>} problems
 * @throws Error when the renderer cannot be made here
 */
export async function chartProblems(settings) {
  const renderer = await makeRenderer();
  const validateValues = new Ajv({ strict: false }).compile(
    JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')),
  );
  const problems = [];
  const rendered = [];
  for (const file of readdirSync(CHECKS)) {
    const result = await run(renderer, [CHART, join(CHECKS, file)]).catch((error) => error);
    if (result instanceof Error) {
      problems.push(`${file}: ${result.stderr || result.message}`);
      continue;
    }
    const { values, documents, notes } = JSON.parse(result.stdout);
    const here = [];
    if (!validateValues(values))
      here.push(
        ...validateValues.errors.map(({ instancePath, message }) => `values${instancePath}: ${message}`),
      );
    if (!notes.includes('http://')) here.push('NOTES.txt is empty');
    here.push(...structureProblems(documents, settings), ...missingObjects(file, documents));
    problems.push(...here.map((problem) => `${file}: ${problem}`));
    rendered.push({ file, documents });
  }
  problems.push(...(await schemaProblems(rendered)));
  const total = rendered.reduce((sum, { documents }) => sum + documents.length, 0);
  console.log(`helm template: ${total} objects of ${rendered.length} sets of values`);
  return problems.map((problem) => `chart, ${problem}`);
}

function missingObjects(file, documents) {
  const count = (wanted) => documents.filter(({ kind }) => kind === wanted).length;
  return Object.entries(EXPECTED[file] ?? {})
    .filter(([kind, wanted]) => count(kind) !== wanted)
    .map(([kind, wanted]) => `${count(kind)} of ${kind}, not ${wanted}`);
}

/** Compiled once for each state of its source; kept in .longrun. */
async function makeRenderer() {
  const state = createHash('sha256').update(readFileSync(RENDERER)).digest('hex').slice(0, 12);
  const folder = join(root, '.longrun', 'helm-template');
  const program = join(folder, state);
  if (existsSync(program)) return program;
  const { unpackDebianProgram } = await import('../../packages/local-services/dist/index.js');
  const go = await unpackDebianProgram(GO, folder, (sentence) => console.error(sentence));
  const files = join(folder, 'packages', 'root', 'usr');
  const [version] = readdirSync(join(files, 'lib')).filter((name) => /^go-\d/.test(name));
  mkdirSync(folder, { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  await run(go, ['build', '-p', '1', '-o', unfinished, RENDERER], {
    cwd: folder,
    timeout: COMPILE_LIMIT_MS,
    env: {
      PATH: process.env.PATH,
      GOROOT: join(files, 'lib', version),
      GOPATH: join(files, 'share', 'gocode'),
      GOCACHE: join(folder, 'cache'),
      GO111MODULE: 'off',
      CGO_ENABLED: '0',
    },
  });
  renameSync(unfinished, program);
  // Some 400 MB that nobody needs any more.
  for (const name of ['packages', 'cache']) rmSync(join(folder, name), { recursive: true, force: true });
  return program;
}
