// Reads the Dockerfile, as far as this project's needs it, and says what a production image must not lack.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../turbo.mjs';

/**
 * @typedef {{ kind: 'RUN', command: string } | { kind: 'COPY', from: string | undefined, source: string, target: string }} Step
 * @typedef {{ name: string, base: string, env: Record<string, string>, workdir: string, user?: string, stopSignal?: string,
 *   command?: string[], entrypoint?: string[], healthcheck?: string[], ports: string[], steps: Step[] }} Stage
 */

/**
 * The stages by name. What a stage gets from the one that it builds on is in it already, its steps apart.
 *
 * @returns {Map<string, Stage>}
 * @throws Error on an instruction, or a form of one, that is not understood here
 */
export function readDockerfile(file = join(root, 'infra/docker/Dockerfile')) {
  const stages = new Map();
  let stage;
  const lines = readFileSync(file, 'utf8')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n');
  for (const line of lines.map((text) => text.trim()).filter((text) => text && !text.startsWith('#'))) {
    const [, kind, rest] = /^(\w+)\s+(.*)$/.exec(line);
    if (kind === 'FROM') {
      const [, base, name] = /^(\S+) AS (\S+)$/.exec(rest);
      const { env, workdir = '/', ...inherited } = stages.get(base) ?? { ports: [] };
      stage = { ...inherited, name, base, workdir, env: { ...env }, steps: [] };
      stages.set(name, stage);
    } else if (kind === 'ENV') {
      for (const [, key, value] of rest.matchAll(/(\w+)=(\S+)/g)) stage.env[key] = value;
    } else if (kind === 'WORKDIR') stage.workdir = rest;
    else if (kind === 'USER') stage.user = rest;
    else if (kind === 'STOPSIGNAL') stage.stopSignal = rest;
    else if (kind === 'EXPOSE') stage.ports = [...stage.ports, rest];
    else if (kind === 'CMD') stage.command = execForm(line, rest);
    else if (kind === 'ENTRYPOINT') stage.entrypoint = execForm(line, rest);
    else if (kind === 'HEALTHCHECK') stage.healthcheck = execForm(line, rest.replace(/^.*? CMD /, ''));
    else if (kind === 'RUN') stage.steps.push({ kind, command: rest });
    else if (kind === 'COPY') {
      const [, from, source, target] = /^(?:--from=(\S+) )?(\S+) (\S+)$/.exec(rest);
      stage.steps.push({ kind, from, source, target });
    } else throw new Error(`Dockerfile: ${kind} is not understood by its check: ${line}`);
  }
  return stages;
}

/** A shell would be the first process, and would keep SIGTERM to itself. */
function execForm(line, text) {
  if (!text.startsWith('['))
    throw new Error(`Dockerfile: not in exec form (["program", "argument"]): ${line}`);
  return JSON.parse(text);
}

/** The stages that are images: those that start something. */
export function targetsOf(stages) {
  return [...stages.values()].filter(({ command, entrypoint }) => command ?? entrypoint);
}

/**
 * What is missing in the images, in sentences.
 *
 * @param {Map<string, Stage>} stages
 */
export function imageProblems(stages) {
  const problems = [];
  const { packageManager, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const commands = [...stages.values()].flatMap(({ steps }) =>
    steps.flatMap((step) => (step.kind === 'RUN' ? [step.command] : [])),
  );
  for (const { name, base } of stages.values()) {
    if (!stages.has(base) && !/^node:\d+\.\d+\.\d+-bookworm-slim$/.test(base))
      problems.push(`stage ${name}: ${base} is no full version of node on bookworm-slim`);
  }
  for (const command of commands) {
    for (const used of command.match(/\b(?:pnpm|turbo)@\S+/g) ?? []) {
      const wanted = used.startsWith('pnpm') ? packageManager : `turbo@${devDependencies.turbo}`;
      if (used !== wanted) problems.push(`${used} in "${command}" should be ${wanted}`);
    }
    if (/(^|\s)\//.test(command))
      problems.push(`an absolute path in a RUN step cannot be checked: ${command}`);
  }
  for (const { name, user, stopSignal, healthcheck, entrypoint } of targetsOf(stages)) {
    if (!/^[1-9]\d*:[1-9]\d*$/.test(user ?? '')) problems.push(`${name}: USER must be a number other than 0`);
    if (stopSignal !== 'SIGTERM') problems.push(`${name}: STOPSIGNAL must be SIGTERM`);
    if (!entrypoint && !healthcheck?.includes('/health/live'))
      problems.push(`${name}: its HEALTHCHECK does not ask /health/live`);
  }
  for (const wanted of ['api', 'worker', 'sweeper', 'migrate'])
    if (!stages.has(wanted)) problems.push(`there is no target ${wanted}`);
  return problems.map((problem) => `Dockerfile: ${problem}.`);
}
