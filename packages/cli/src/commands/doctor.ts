/**
 * `longrun doctor`: whether everything is there that the processes need, before they are started or while they run.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { loadConfig, redisSettings, SharedConfig, type RedisRole } from '@longrun/service-kit';

import { childEnvironment, readEnvironment, type Environment } from '../config/environment.js';
import { checkLoads } from '../dev/load-check.js';
import { reasonOf, type Finding } from '../doctor/finding.js';
import { checkDataFolder, checkNode, checkOpenFiles } from '../doctor/machine-checks.js';
import { checkPostgres } from '../doctor/postgres-checks.js';
import { checkRedis } from '../doctor/redis-checks.js';
import { checkSettings, settingsClasses } from '../doctor/settings-checks.js';
import { repositoryRoot } from '../start/apps.js';
import { stackFile, type Stack } from '../start/stack.js';
import { integerOption } from './integer-option.js';
import { parseOptions } from './parse-options.js';

const MAX_PROCESSES = 10_000;

const DOCTOR_HELP = `longrun doctor [options]: whether everything is there that the processes need

  --config <file>     the langgraph.json whose graphs are loaded (LANGGRAPH_CONFIG_PATH, else ./langgraph.json)
  --data-dir <folder> where a start would keep its data; without DATABASE_URL and REDIS_URL the databases of the stack that runs
                      there are looked at (.longrun)
  --apis <n>          how many processes are to be run, for the limits of connections (1)
  --workers <n>       (2)
  --sweepers <n>      (1)
  --json              print {"problems": <n>, "findings": [{"check", "status", "what", "value", "remedy"}]}

Ends with 0 when all is well (advice included), 1 when there are problems, 2 when it was called wrongly. Changes nothing.`;

const OPTIONS = {
  config: { type: 'string' },
  'data-dir': { type: 'string' },
  apis: { type: 'string' },
  workers: { type: 'string' },
  sweepers: { type: 'string' },
  json: { type: 'boolean' },
} as const;

interface Examined {
  readonly dataDir: string;
  readonly counts: Record<'apis' | 'workers' | 'sweepers', number>;
  readonly config: string | undefined;
}

/**
 * Looks at everything, and prints what it found.
 *
 * @returns the exit code: 1 when there are problems
 * @throws UsageError naming what is wrong with the call
 */
export async function doctorCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(DOCTOR_HELP);
    return 0;
  }
  const values = parseOptions(args, OPTIONS, DOCTOR_HELP);
  const findings = await examine({
    config: values.config,
    dataDir: resolve(values['data-dir'] ?? '.longrun'),
    counts: {
      apis: integerOption('--apis', values.apis ?? '1', 0, MAX_PROCESSES),
      workers: integerOption('--workers', values.workers ?? '2', 0, MAX_PROCESSES),
      sweepers: integerOption('--sweepers', values.sweepers ?? '1', 0, MAX_PROCESSES),
    },
  });
  const problems = findings.filter(({ status }) => status === 'problem').length;
  console.log(values.json ? JSON.stringify({ problems, findings }) : report(findings, problems));
  return problems > 0 ? 1 : 0;
}

async function examine(examined: Examined): Promise<Finding[]> {
  const environment = readEnvironment();
  const stack = readStack(examined.dataDir);
  const machine = [checkNode(), checkOpenFiles(), checkDataFolder(examined.dataDir)];
  const groups = await Promise.all([
    settings(environment),
    postgres(examined, environment, stack),
    redis(examined, environment, stack),
    graphs(examined, environment),
  ]);
  return [...machine, ...groups.flat()];
}

async function settings({ appsRoot }: Environment): Promise<Finding[]> {
  try {
    return checkSettings(await settingsClasses(appsRoot ?? repositoryRoot()), childEnvironment({}));
  } catch (error) {
    return [{ check: 'settings', status: 'skipped', what: `The apps are not built: ${reasonOf(error)}` }];
  }
}

async function postgres(
  { counts }: Examined,
  { databaseUrl, databaseDirectUrl }: Environment,
  stack: Stack | undefined,
): Promise<Finding[]> {
  const url = databaseUrl ?? stack?.postgres.url;
  const what = 'DATABASE_URL is not set: start and dev bring a Postgres of their own.';
  if (url === undefined) return [{ check: 'postgres', status: 'skipped', what }];
  const directUrl = databaseUrl === undefined ? undefined : databaseDirectUrl;
  const poolSize = sharedConfig()?.DATABASE_POOL_SIZE ?? new SharedConfig().DATABASE_POOL_SIZE;
  return checkPostgres({ url, directUrl, poolSize, ...counts, now: Date.now });
}

async function redis(
  { counts }: Examined,
  { redisUrl }: Environment,
  stack: Stack | undefined,
): Promise<Finding[]> {
  const url = redisUrl ?? stack?.redis?.url;
  const what = 'REDIS_URL is not set: start brings a Redis of its own, dev and single mode need none.';
  if (url === undefined) return [{ check: 'redis', status: 'skipped', what }];
  const config = sharedConfig() ?? new SharedConfig();
  const share = (role: RedisRole): number => redisSettings(config, role).maxConnections ?? 0;
  const connections =
    counts.apis * share('api') + counts.workers * share('worker') + counts.sweepers * share('sweeper');
  return checkRedis({ url, connections });
}

/** Undefined when a setting is wrong, which is said elsewhere. */
function sharedConfig(): SharedConfig | undefined {
  try {
    return loadConfig(SharedConfig, { DATABASE_URL: 'postgresql://localhost', ...childEnvironment({}) });
  } catch {
    return undefined;
  }
}

async function graphs({ config }: Examined, { graphsConfig }: Environment): Promise<Finding[]> {
  const given = config ?? graphsConfig;
  const file = resolve(given ?? 'langgraph.json');
  if (given === undefined && !existsSync(file)) {
    return [{ check: 'graphs', status: 'skipped', what: `There is no ${file}; name one with --config.` }];
  }
  const { graphs: names, error } = await checkLoads(file, childEnvironment({}), new AbortController().signal);
  if (names === undefined) {
    const what = error ?? 'The graphs do not load.';
    const remedy = 'Mend the files that are named; workers and apis load them at their start.';
    return [{ check: 'graphs', status: 'problem', what, value: file, remedy }];
  }
  const what = `${file} loads: ${names.join(', ')}.`;
  return [{ check: 'graphs', status: 'ok', what, value: names.length }];
}

function readStack(dataDir: string): Stack | undefined {
  try {
    return JSON.parse(readFileSync(stackFile(dataDir), 'utf8')) as Stack;
  } catch {
    return undefined;
  }
}

function report(findings: readonly Finding[], problems: number): string {
  const lines = findings.flatMap(({ check, status, what, remedy }) => [
    `${status.padEnd(8)} ${check.padEnd(20)} ${what}`,
    ...(remedy === undefined ? [] : [`${' '.repeat(29)} → ${remedy}`]),
  ]);
  const end = problems === 0 ? 'No problems.' : `${String(problems)} problem${problems === 1 ? '' : 's'}.`;
  return [...lines, '', end].join('\n');
}
