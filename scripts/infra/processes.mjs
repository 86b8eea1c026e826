// What the built processes say of themselves: their settings, and the health routes that all of them serve.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../turbo.mjs';

const APPS = [
  ['api', 'ApiConfig'],
  ['worker', 'WorkerConfig'],
  ['sweeper', 'SweeperConfig'],
];

/** @returns {Promise<Map<string, unknown>>} all variables, with their defaults */
export async function readSettings() {
  const { settingsOf } = await import('../../packages/service-kit/dist/index.js');
  const settings = new Map();
  for (const [app, name] of APPS) {
    const { [name]: Config } = await import(join(root, `apps/${app}/dist/config/${app}-config.js`));
    const defaults = new Config();
    for (const variable of settingsOf(Config).keys()) settings.set(variable, defaults[variable]);
  }
  return settings;
}

/** @returns {Set<string>} as in `/health/live` */
export function readHealthRoutes() {
  const [first, ...others] = APPS.map(([app]) => {
    const folder = join(root, 'apps', app, 'src');
    const files = readdirSync(folder, { recursive: true }).filter((file) =>
      file.endsWith('health.controller.ts'),
    );
    const sources = files.map((file) => readFileSync(join(folder, file), 'utf8'));
    const gets = sources.flatMap((source) => [...source.matchAll(/@Get\(([^)]*)\)/g)]);
    return new Set(
      gets.flatMap(([, paths]) => [...paths.matchAll(/'([^']+)'/g)].map(([, path]) => `/${path}`)),
    );
  });
  return new Set([...first].filter((route) => others.every((routes) => routes.has(route))));
}
