/**
 * The variables of the environment: wrong ones, and those that look like settings and are none.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ConfigError, loadConfig, settingsOf, type SharedConfig } from '@longrun/service-kit';

import type { Finding } from './finding.js';

type Variables = Readonly<Record<string, string | undefined>>;
type ConfigClass = new () => SharedConfig;

/** Read by the command line, by tests, or by programs that it starts. */
const ALSO_KNOWN = ['LONGRUN_API_KEY', 'LONGRUN_APPS_ROOT', 'REDIS_SERVER_BIN'];
const OURS = /^(LONGRUN|REDIS|DATABASE)_/;
const OF_TESTS = /^LONGRUN_(TEST|BENCH|FAULTS?)_/;
/** Shorter names are near to too many others. */
const SHORTEST_NAME = 6;

/**
 * The configuration classes of the built apps.
 *
 * @param appsRoot folder that holds `apps/`
 */
export async function settingsClasses(appsRoot: string): Promise<ConfigClass[]> {
  const files = [
    ['api', 'api-config.js', 'ApiConfig'],
    ['worker', 'worker-config.js', 'WorkerConfig'],
    ['sweeper', 'sweeper-config.js', 'SweeperConfig'],
  ] as const;
  return Promise.all(
    files.map(async ([app, file, name]) => {
      const path = join(appsRoot, 'apps', app, 'dist/config', file);
      const module = (await import(pathToFileURL(path).href)) as Record<string, ConfigClass>;
      const found = module[name];
      if (found === undefined) throw new Error(`${path} has no ${name}. Build it first: pnpm build.`);
      return found;
    }),
  );
}

/** One finding per wrong or suspicious variable; one that says that there is none. */
export function checkSettings(classes: readonly ConfigClass[], env: Variables): Finding[] {
  const known = new Set([...classes.flatMap((type) => [...settingsOf(type).keys()]), ...ALSO_KNOWN]);
  const findings = [...wrongSettings(classes, env), ...unknownSettings(known, env)];
  if (findings.length > 0) return findings;
  return [{ check: 'settings', status: 'ok', what: 'No setting is wrong.' }];
}

function wrongSettings(classes: readonly ConfigClass[], env: Variables): Finding[] {
  // Whether there is a database is said elsewhere.
  const given = { ...env, DATABASE_URL: env['DATABASE_URL'] ?? 'postgresql://localhost' };
  const problems = new Set(classes.flatMap((type) => problemsOf(type, given)));
  return [...problems].map((problem) => ({
    check: 'settings',
    status: 'problem',
    what: `${problem}.`,
    value: /^\w+/.exec(problem)?.[0] ?? '',
    remedy: 'Correct or unset it; see docs/configuration.md.',
  }));
}

function problemsOf(type: ConfigClass, env: Variables): readonly string[] {
  try {
    loadConfig(type, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

function unknownSettings(known: ReadonlySet<string>, env: Variables): Finding[] {
  return Object.keys(env).flatMap((name): Finding[] => {
    if (known.has(name) || OF_TESTS.test(name) || name.length < SHORTEST_NAME) return [];
    const near = [...known].find((one) => one.length >= SHORTEST_NAME && isNear(name, one));
    if (near !== undefined) {
      const what = `${name} is no setting; ${near} is.`;
      return [
        {
          check: 'settings',
          status: 'problem',
          what,
          value: name,
          remedy: `Rename it to ${near}, or unset it.`,
        },
      ];
    }
    if (!OURS.test(name)) return [];
    const remedy = 'Unset it if it was meant for Longrun; see docs/configuration.md.';
    return [{ check: 'settings', status: 'advice', what: `${name} is no setting.`, value: name, remedy }];
  });
}

/** Up to two letters more, less or other. */
function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 2) return false;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const other = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(other, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return (row[b.length] ?? 0) <= 2;
}
